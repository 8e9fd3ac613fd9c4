"""What real machines printed, with types, pairs and RAM worked out by hand.

tests/data/samples/field/README.md has the rules behind the answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.sdm.hardware import hardware_type
from mtrrviz.importers import Import, import_texts
from mtrrviz.scenario.machine_kind import as_host
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.sim.simulate import simulate
from tests.importers.helpers import SAMPLES

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine

GIB, MIB = 1 << 30, 1 << 20


@dataclass(frozen=True)
class Row:
    """One file: types at addresses, and what else is known by hand."""

    types: str
    pairs: str = ""
    used: int | None = None
    count: int | None = None
    default: str = ""
    ram: tuple[tuple[int, int], ...] = field(default=())


ROWS = {
    "k01-uc-hole-over-wb": Row(
        "0xc9fff000 WB, 0xcb800000 UC, 0xd0000000 UC, 0xe0000000 UC, 0xfee00000 UC, "
        "0x22ffff000 WB, 0x230000000 UC, 0xd0000 UC",
        "WB 0+8G, WB 0x200000000+1G, UC 0xe0000000+512M, UC 0xd0000000+256M, UC 0xcc000000+64M, "
        "UC 0xcb800000+8M, UC 0x230000000+256M", 7, 10, "UC",
    ),
    "k02-reserved-touches-ram": Row(
        "0x6c400000 WB, 0x7bfff000 WB, 0x7c000000 UC, 0x80000000 UC, 0xfec00000 UC, "
        "0xfee00000 UC, 0xff000000 WP, 0x100000000 WB, 0x27ffff000 WB, 0x280000000 UC",
        "WB 0+2G, WB 0x100000000+4G, WB 0x200000000+2G, WP 0xff000000+16M, UC 0x7c000000+64M",
        default="UC",
    ),
    "k02-stolen-graphics": Row(
        "0x9b7ff000 WB, 0x9b800000 UC, 0x9c000000 UC, 0xc0000000 UC, 0xfee00000 UC, "
        "0x100000000 WB, 0x160000000 WB",
        "UC 0xc0000000+1G, UC 0xa0000000+512M, UC 0x9c000000+64M, UC 0x9b800000+8M", default="WB",
    ),
    "k03-high-ram-without-map": Row(
        "0x77fff000 WB, 0x78000000 UC, 0x7ffff000 UC, 0x100000000 WB, 0x27ffff000 WB",
        "WB 0+2G, UC 0x78000000+128M, WB 0x100000000+4G, WB 0x200000000+2G", 4, 10,
        ram=((MIB, 0x7800_0000), (4 * GIB, 0x2_8000_0000)),
    ),
    "k03-small-old-machine": Row(
        "0x1ffff000 WB, 0xe0000000 WC, 0xe3fff000 WC, 0xf4000000 WC",
        "WB 0+512M, WC 0xe0000000+64M, WC 0xf4000000+8M", ram=((MIB, 512 * MIB),),
    ),
    "k04-map-line": Row(
        "0x1000000 unknown, 0xfee00000 unknown", count=10,
        ram=((MIB, 0x6F00_0000), (4 * GIB, 0x4_7C00_0000)),
    ),
    "k04-disabled-by-bios": Row("0x1000000 UC, 0xa0000 UC, 0xfee00000 UC"),
    "k04-disabled-old-words": Row("0x1000000 UC, 0xa0000 UC, 0xfee00000 UC"),
    "k05-outside-ram": Row(
        "0x7bfff000 WB, 0x7c000000 UC, 0xf0000000 UC, 0xfee00000 UC, 0x480000000 WB, "
        "0x38000000000 UC, 0xc0000 WT, 0xe0000 WP",
        "UC 0x80000000+2G, UC 0x38000000000+512G, UC 0x7c000000+64M, WT 0xf0000000+128M",
        default="WB",
    ),
    "k06-lost-ram": Row(
        "0xbffa0000 WB, 0xc0000000 UC, 0xfee00000 UC, 0x100000000 UC, 0x13ffff000 UC",
        "WB 0+2G, WB 0x80000000+1G", default="UC",
    ),
    "k07-human-times": Row(
        "0xcdfff000 WB, 0xce000000 UC, 0xd0000000 UC, 0xfee00000 UC, 0x100000000 WB, "
        "0x22dfff000 WB, 0x22e000000 UC, 0xa0000 UC, 0xc0000 WP",
        "WB 0+8G, WB 0x200000000+512M, WB 0x220000000+256M, UC 0xe0000000+512M, "
        "UC 0xd0000000+256M, UC 0xce000000+32M, UC 0x22e000000+32M", 7, 10, "UC",
    ),
    "k07-quoted-wrapped": Row(
        "0xd2fff000 WB, 0xd3000000 UC, 0xd4000000 UC, 0xd8000000 UC, 0xe0000000 UC, "
        "0xfee00000 UC, 0x100000000 WB",
        "UC 0xe0000000+512M, UC 0xd8000000+128M, UC 0xd4000000+64M, UC 0xd3000000+16M", 4, 10, "WB",
    ),
    "k07-quoted-printable": Row(
        "0x3ff00000 WB, 0xa0000 UC, 0xc0000 WP, 0xc0000000 UC, 0xfee00000 UC, 0x100000000 WB",
        "UC 0xc0000000+1G", default="WB",
    ),
    "k07-indented-journal": Row(
        "0xb9fff000 WB, 0xba000000 UC, 0xbc000000 UC, 0xe0000000 UC, 0xfee00000 UC, "
        "0x100000000 WB, 0x33ffff000 WB, 0x340000000 UC",
        "WB 0+2G, WB 0x80000000+1G, UC 0xba000000+32M, UC 0xbc000000+64M, WB 0x100000000+4G, "
        "WB 0x200000000+4G, WB 0x300000000+1G", default="UC",
    ),
    "k07-caller-column": Row(
        "0x1000000 unknown", count=8,
        ram=((MIB, 0xDD00_0000), (4 * GIB, 0x7_DE30_0000)),
    ),
    "k07-xen-console": Row(
        "0x3ffd0000 WB, 0x40000000 UC, 0x80000000 UC, 0xfee00000 UC, 0x100000000 WB, 0xa0000 UC, "
        "0xc0000 WP",
        "UC 0x40000000+1G, UC 0x80000000+2G", default="WB", ram=((MIB, 0x3FFE_0000),),
    ),
    "k08-coreboot-temporary": Row(
        "0x79fff000 WB, 0x7a000000 UC, 0x80000000 WC, 0xe0000000 UC, 0xff800000 UC, "
        "0x100000000 WB, 0x180000000 WB, 0xa0000 UC",
        "UC 0x7a000000+32M, UC 0x7c000000+64M, WC 0x80000000+256M, UC 0x90000000+256M, "
        "UC 0xa0000000+512M, UC 0xc0000000+1G", 6, default="WB",
        ram=((4 * GIB, 0x1_8000_0000),),
    ),
    "k09-ten-pairs": Row(
        "0xdafff000 WB, 0xdb000000 UC, 0xdc000000 UC, 0xe0000000 UC, 0x100000000 WB, "
        "0x12f5ff000 WB, 0x12f600000 UC, 0x12f800000 UC",
        used=9, count=10,
    ),
    "k10-big-host": Row(
        "0x65b2f000 WB, 0x80000000 UC, 0xfee00000 UC, 0x100000000 WB, 0xbf3ffff000 WB, "
        "0x20000000000 UC, 0x21ffffff000 UC",
        "UC 0x80000000+2G, UC 0x20000000000+128G", default="WB",
    ),
    "k11-tom2": Row(
        "0xbffff000 WB, 0xc0000000 UC, 0xfee00000 UC, 0x100000000 UC, 0x102000000 WB, "
        "0x43ffff000 WB, 0x440000000 UC",
        "WB 0+2G, WB 0x80000000+1G, UC 0x100000000+32M", default="UC",
    ),
    "k11-tom2-not-forced": Row(
        "0xcfeff000 WB, 0xcff00000 UC, 0xd0000000 UC, 0x100000000 UC, 0x22ffff000 UC, "
        "0xc0000 WP, 0xc8000 UC",
        "WB 0+2G, WB 0x80000000+1G, WB 0xc0000000+256M, UC 0xcff00000+1M", default="UC",
    ),
    "k12-base-off-its-size": Row(
        "0xff800000 WP, 0xffe00000 WP, 0xfff00000 WP, 0x7afff000 WB, 0x7b000000 UC, 0x7c000000 UC"
    ),
    "k13-xen-dom0": Row(
        "0x1000000 unknown",
        ram=((0, 0x9C000), (MIB, 0xB980_0000), (4 * GIB, 0x1_C000_0000)),
    ),
    "k13-xen-half-open": Row(
        "0x1000000 unknown",
        ram=((0, 0x9C000), (MIB, 0xBF78_0000), (4 * GIB, 0x2_4000_0000)),
    ),
    "k13-size-at-start": Row(
        "0x7ffe0000 WB, 0x100000000 WB, 0x13ffff000 WB", "WB 0+2G, WB 0x100000000+1G",
        ram=((0, 0x9F000), (MIB, 0x7FFF_0000), (4 * GIB, 0x1_4000_0000)),
    ),
    "k14-register-not-printed": Row(
        "0x9f000 WB, 0xa0000 UC, 0xc0000 WB, 0x80000000 UC, 0xfee00000 UC, 0x100000000 WB",
        "UC 0x80000000+2G", default="WB",
    ),
    "k14-register-differs": Row("0x9f000 WB, 0xa0000 UC, 0x80000000 UC, 0x100000000 WB"),
    "k15-linuxbios-setting": Row(
        "0xcffff000 WB, 0xd0000000 UC, 0xe0000000 UC, 0xfee00000 UC, 0x100000000 WB, "
        "0x22ffff000 WB",
        "WB 0+8G, WB 0x200000000+512M, WB 0x220000000+256M, UC 0xd0000000+256M, "
        "UC 0xe0000000+512M",
    ),
    "k15-cleanup-trials": Row(
        "0x9ffff000 WB, 0xa0000000 WB, 0xaefff000 WB, 0xaf000000 UC, 0x100000000 WB, "
        "0x13ffff000 WB, 0x140000000 UC",
        "WB 0+2G, WB 0x80000000+512M, WB 0xa0000000+256M, UC 0xaf000000+16M, WB 0x100000000+1G",
        5, 8, "UC",
    ),
    "k15-edk2-0x": Row(
        "0x9f000 WB, 0xa0000 UC, 0xc0000 WP, 0x7bfff000 WB, 0x7c000000 UC, 0x80000000 UC, "
        "0xfee00000 UC, 0x100000000 WB",
        "UC 0x80000000+2G, UC 0x7c000000+64M", default="WB",
    ),
    "k15-pairs-in-a-sentence": Row(
        "0xd7fff000 WB, 0xd8000000 UC, 0xe0000000 UC, 0xfee00000 UC, 0x100000000 WB",
        "UC 0xe0000000+512M, UC 0xd8000000+128M", default="WB",
    ),
    "k16-mail-with-dates": Row(
        "0x7ffff000 WB, 0x80000000 UC, 0x100000000 WB, 0x140000000 WT, 0x144000000 UC, 0xc0000 WP",
        "WB 0+2G, WB 0x100000000+1G, WT 0x140000000+64M", default="UC",
    ),
}  # fmt: skip
UNITS = {"M": MIB, "G": GIB}


def imported(name: str) -> Import:
    path = SAMPLES / "field" / f"{name}.txt"
    return import_texts([(path.name, path)])


def end_machine(result: Import) -> Machine:
    """Return the machine as hardware would have it, guests too."""
    scenario = as_host(result.scenario)
    return simulate(scenario, "hardware").at(scenario.duration_ns).machine


def pairs_of(machine: Machine) -> list[tuple[str, int, int]]:
    ranges = machine.mtrr(0).variable_ranges()
    return sorted((r.type.name, r.start, r.size_bytes) for r in ranges if r.valid)


def wanted_pairs(words: str) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    for word in words.split(", "):
        kind, span = word.split()
        base, size = span.split("+")
        found.append((kind, int(base, 0), int(size[:-1]) * UNITS[size[-1]]))
    return sorted(found)


@pytest.mark.parametrize("name", ROWS)
def test_addresses_have_their_types(name: str) -> None:
    machine = end_machine(imported(name))
    wanted = [word.split() for word in ROWS[name].types.split(", ")]
    found = [hardware_type(machine, 0, int(at, 0) >> 12).label for at, _ in wanted]
    assert list(zip((at for at, _ in wanted), found, strict=True)) == [
        (at, kind) for at, kind in wanted
    ]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.pairs])
def test_pairs_are_those_of_the_log(name: str) -> None:
    assert pairs_of(end_machine(imported(name))) == wanted_pairs(ROWS[name].pairs)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.used or row.count])
def test_pairs_are_counted(name: str) -> None:
    result = imported(name)
    state = end_machine(result).mtrr(0)
    row = ROWS[name]
    assert row.count in (None, state.pairs)
    assert row.used in (None, len(state.walk_order()))


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.default])
def test_the_default_type_is_told_or_deduced(name: str) -> None:
    assert end_machine(imported(name)).mtrr(0).default_type.name == ROWS[name].default


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.ram])
def test_ram_ends_where_the_log_says(name: str) -> None:
    regions = imported(name).scenario.machine.regions
    ram = [(r.start, r.end) for r in regions if r.kind is RegionKind.RAM]
    assert set(ROWS[name].ram) <= set(ram), ram


def test_only_a_guests_log_is_taken_for_a_guest() -> None:
    guests = [name for name in ROWS if not imported(name).scenario.machine.is_host]
    assert guests == ["k04-disabled-by-bios", "k04-disabled-old-words", "k07-quoted-printable"]


def test_nothing_differs_where_a_register_is_not_printed() -> None:
    machine = end_machine(imported("k14-register-not-printed"))
    first = machine.mtrr(0)
    for vcpu in (1, 2):
        other = machine.mtrr(vcpu)
        both = [msr for msr in (0x250, 0x258, 0x26E, 0x26F) if msr not in other.unknown]
        assert both, "some are printed"
        assert [other.read(msr) for msr in both] == [first.read(msr) for msr in both]
        assert 0x259 in other.unknown


def test_logs_of_values_that_are_not_shown_do_not_say_off() -> None:
    for name in ("k04-map-line", "k07-caller-column"):
        notes = " ".join(note.text for note in imported(name).notes)
        assert "the MTRRs are on, but their values are not shown" in notes
        assert "off" not in notes
    for name in ("k04-disabled-by-bios", "k04-disabled-old-words"):
        notes = " ".join(note.text for note in imported(name).notes)
        assert "left the MTRRs off" in notes


RESERVED = {
    "k01-uc-hole-over-wb": ((0xCB80_0000, 0xCF9F_FFFF), (0xE000_0000, 0xE3FF_FFFF)),
    "k02-reserved-touches-ram": ((0x7C00_0000, 0x8FFF_FFFF), (0xFEC0_0000, 0xFFFF_FFFF)),
    "k02-stolen-graphics": ((0x9B80_0000, 0x9FFF_FFFF), (0xC000_0000, 0xCFFF_FFFF)),
    "k03-high-ram-without-map": ((0x7800_0000, 0x7FFF_FFFF),),
    "k05-outside-ram": ((0x380_0000_0000, 0x3FF_FFFF_FFFF),),
    "k06-lost-ram": ((0xF000_0000, 0xF3FF_FFFF), (0xFEC0_0000, 0xFFFF_FFFF)),
    "k07-caller-column": ((0xE000_0000, 0xEFFF_FFFF), (0xFEC0_0000, 0xFEC0_1FFF)),
    "k08-coreboot-temporary": ((0x7A00_0000, 0x7FFF_FFFF), (0x8000_0000, 0xFFFF_FFFF)),
    "k10-big-host": ((0x8000_0000, 0x8FFF_FFFF), (0x200_0000_0000, 0x21F_FFFF_FFFF)),
    "k11-tom2": ((0xF800_0000, 0xFBFF_FFFF),),
    "k11-tom2-not-forced": ((0xFEC0_0000, 0xFFFF_FFFF),),
    "k13-xen-dom0": ((0xE000_0000, 0xEFFF_FFFF), (0xFEE0_0000, 0xFEEF_FFFF)),
    "k13-xen-half-open": ((0xFEE0_0000, 0xFEE0_0FFF), (0xFFC0_0000, 0xFFFF_FFFF)),
    "k13-size-at-start": ((0xFEC0_0000, 0xFFFF_FFFF),),
}


@pytest.mark.parametrize("name", RESERVED)
def test_what_must_never_be_write_back_is_no_ram(name: str) -> None:
    regions = imported(name).scenario.machine.regions
    for start, last in RESERVED[name]:
        overlapping = [r for r in regions if r.start <= last and r.end > start]
        assert RegionKind.RAM not in {region.kind for region in overlapping}


def test_a_range_behind_all_memory_is_on_the_map() -> None:
    regions = imported("k05-outside-ram").scenario.machine.regions
    last = regions[-1]
    assert (last.start, last.end, last.kind) == (
        0x380_0000_0000, 0x400_0000_0000, RegionKind.UNKNOWN,
    )  # fmt: skip
