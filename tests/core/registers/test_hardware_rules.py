"""Which registers of a real machine decide about a page, against a lookup of each pair alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from mtrrviz.core.sdm.hardware_rules import HostRule, host_rules
from tests.core.registers.slow_sdm import NAMES, UNDEFINED, UNKNOWN, slow_type
from tests.core.registers.test_hardware import (
    GIB,
    MASK_46,
    all_values,
    borders,
    host,
    hosts,
    mask_of,
)

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine

Values = dict[int, int | None]


def holds(values: Values, number: int, address: int) -> bool | None:
    """Return whether a pair holds an address; None if nobody told."""
    base, mask = values[0x200 + 2 * number], values[0x201 + 2 * number]
    if mask is None:
        return None
    if not mask & 0x800:
        return False
    page_bits = MASK_46 & ~0xFFF
    return None if base is None else (address ^ base) & mask & page_bits == 0


def deciders(machine: Machine, gfn: int) -> list[HostRule]:
    return [rule for rule in host_rules(machine, 0, gfn) if rule.decides]


def expected_pairs(values: Values, pairs: int, address: int, kind: str) -> set[int]:
    """Return the pairs that make an address ``kind``."""
    found: set[int] = set()
    for number in range(pairs):
        state, base = holds(values, number, address), values[0x200 + 2 * number]
        is_same = base is not None and NAMES[base & 0xFF] == kind
        if kind == UNKNOWN:
            is_decisive = state is None
        else:
            is_decisive = bool(state) and (is_same or kind == UNDEFINED)
        found |= {number} if is_decisive else set()
    return found


@settings(max_examples=100)
@given(hosts())
def test_those_decide_whose_type_the_page_gets(drawn: tuple[Values, int, int]) -> None:
    values, pairs, tom2 = drawn
    machine = host(values, pairs, tom2)
    for gfn in borders(machine, values):
        kind = slow_type(values, gfn << 12, pairs, tom2)
        found = deciders(machine, gfn)
        assert found, hex(gfn)
        kinds = {rule.kind for rule in found}
        assert len(kinds) == 1
        deftype = values[0x2FF]
        if deftype is None or not deftype & 0x800:
            assert kinds == {"enable"}
        elif gfn < 0x100 and deftype & 0x400:
            assert kinds == {"fixed"}
        else:
            wanted = expected_pairs(values, pairs, gfn << 12, kind)
            assert {rule.index for rule in found if rule.kind == "variable"} == wanted
            is_tom2 = 1 << 20 <= gfn < tom2 >> 12
            assert wanted or kinds == {"tom2" if is_tom2 else "default"}
        if kind not in (UNKNOWN, UNDEFINED):
            assert {rule.type_words for rule in found} == {kind}


def test_pairs_that_lose_are_named_with_the_reason() -> None:
    values = all_values() | {0x200: 6, 0x201: mask_of(4 * GIB), 0x2FF: 0x800}
    values |= {0x202: 3 * GIB, 0x203: mask_of(GIB), 0x204: 3 * GIB | 4, 0x205: mask_of(GIB)}
    rules = host_rules(host(values), 0, 3 * GIB >> 12)
    assert [(rule.name, rule.decides, rule.note) for rule in rules] == [
        ("pair 1 (1 GiB at 0xc000_0000, UC)", True, "holds this page: UC, and UC wins over all"),
        ("pair 0 (4 GiB at 0x0, WB)", False, "holds this page: WB, but UC wins over WB"),
        ("pair 2 (1 GiB at 0xc000_0000, WT)", False, "holds this page: WT, but UC wins over WT"),
    ]


def test_a_base_off_its_size_is_named_as_the_cpu_takes_it() -> None:
    values = all_values() | {0x200: 0xFFF0_0005, 0x201: mask_of(1 << 23), 0x2FF: 0x800}
    (rule,) = deciders(host(values), 0xFF800)
    assert rule.name == "pair 0 (8 MiB at 0xff80_0000, WP)"


def test_what_nobody_told_decides_where_it_may() -> None:
    values = all_values() | {0x202: None, 0x203: None, 0x200: 6, 0x201: mask_of(GIB), 0x2FF: 0x800}
    rules = host_rules(host(values), 0, 0x1000)
    assert [(rule.index, rule.type_words, rule.decides) for rule in rules] == [
        (0, "WB", False), (1, "unknown", True),
    ]  # fmt: skip
    assert [rule.kind for rule in host_rules(host(values), 0, 1 << 20)] == ["variable", "default"]
    everything = host(dict.fromkeys(all_values()))
    assert [rule.note for rule in host_rules(everything, 0, 0)] == [
        "its value is not known, so no type is"
    ]
