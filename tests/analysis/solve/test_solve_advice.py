"""Nothing that is no RAM becomes cached without a word, whoever drew the wanted map."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.analysis.solve import (
    ALL_PAIRS,
    Advice,
    Rest,
    Solution,
    WantedRange,
    advise,
    host_wanted,
    target_of,
    wanted_map,
)
from mtrrviz.analysis.solve.advice import judged
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.units import format_gpa
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Region, RegionKind
from tests.analysis.solve.test_solve_host import (
    GIB,
    LAYOUT,
    MIB,
    SOUND,
    WIDTH,
    machine_of,
    registers,
    spec_of,
)

UC, WB = MemoryType.UC, MemoryType.WB
OPEN = registers(8, [(0, 2 * GIB, WB)])
"""RAM WB, all else UC by default, which no register keeps so on purpose."""


def drawn(*ranges: WantedRange, rest: MemoryType | None = UC) -> Advice:
    spec = spec_of(*LAYOUT)
    wanted = wanted_map(ranges, WIDTH, rest)
    return advise(spec, machine_of(spec, OPEN), wanted, ALL_PAIRS, is_own=False)


def own(rest: Rest, values: dict[int, int | None] = OPEN) -> Advice:
    spec = spec_of(*LAYOUT)
    machine = machine_of(spec, values)
    return advise(spec, machine, host_wanted(spec, machine, rest), ALL_PAIRS, is_own=True)


@pytest.mark.parametrize(
    ("start", "end", "what"),
    [
        (3 * GIB, 3 * GIB + MIB, "MMCONFIG"),
        (2 * GIB, 2 * GIB + MIB, "reserved"),
        (0xFEC0_0000, 0xFED0_0000, "the interrupt controllers"),
    ],
)
def test_a_drawn_map_may_not_cache_devices_or_reserved_memory(
    start: int, end: int, what: str
) -> None:
    advice = drawn(WantedRange(MIB, 2 * GIB, WB), WantedRange(start, end, WB))
    assert not advice.is_given
    (line,) = advice.lines[1:]
    assert line.lstrip().startswith(format_gpa(start))
    assert what in line


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, ""), (7, "1 range"), (8, "2 ranges")])
def test_of_many_ranges_the_first_are_listed_and_the_others_counted(count: int, more: str) -> None:
    others = [WantedRange((8 + 2 * n) * GIB, (9 + 2 * n) * GIB, WB) for n in range(count)]
    advice = drawn(*others)
    listed = [line for line in advice.lines if line.startswith("  0x")]
    assert len(listed) == min(count, 6)
    assert advice.lines[-1] == (f"  and {more} more" if more else listed[-1])


def test_a_drawn_map_may_cache_what_no_map_names_and_says_so() -> None:
    advice = drawn(WantedRange(MIB, 2 * GIB, WB), WantedRange(8 * GIB, 9 * GIB, WB))
    assert advice.is_given
    assert advice.lines[0].startswith("caution")
    assert "0x2_0000_0000-0x2_3fff_ffff (1 GiB): what no map names, WB" in advice.lines[1]


def test_a_drawn_map_of_ram_alone_says_nothing() -> None:
    advice = drawn(WantedRange(0, 0xA0000, WB), WantedRange(MIB, 2 * GIB, WB))
    assert advice.is_given
    assert advice.lines == ()


def test_a_write_back_rest_is_said_aloud_and_not_given_over_what_a_pair_keeps_uncached() -> None:
    advice = own(WB)
    assert any("0xfef0_0000-0xff_ffff_ffff" in line for line in advice.lines)
    kept = own(WB, registers(8, [(0, 2 * GIB, WB), (4 * GIB, GIB, UC)]))
    assert not kept.is_given
    assert any("kept UC by a register" in line for line in kept.lines)


def test_the_usual_map_of_a_sound_machine_is_given_without_a_word() -> None:
    advice = own("keep", SOUND)
    assert advice.is_given
    assert advice.lines == ()


def test_too_little_told_is_refused_for_the_machines_own_map_only() -> None:
    spec = MachineSpec(1, 0, (Region("?", RegionKind.UNKNOWN, 0, 4 * GIB),), WIDTH,
                       kind=MachineKind.HOST)  # fmt: skip
    machine = machine_of(spec, dict.fromkeys(SOUND, None))
    with pytest.raises(MtrrvizError, match="nothing can be solved"):
        advise(spec, machine, host_wanted(spec, machine), ALL_PAIRS, is_own=True)
    wanted = wanted_map([WantedRange(0, 2 * GIB, WB)], WIDTH)
    advice = advise(spec, machine, wanted, ALL_PAIRS, is_own=False)
    assert any(line.startswith("caution") for line in advice.lines)


def test_registers_that_cache_more_of_ram_than_was_wanted_are_not_given() -> None:
    """No line names RAM, yet whoever wanted it uncached had a reason."""
    spec = spec_of(*LAYOUT)
    machine = machine_of(spec, OPEN)
    wanted = wanted_map([WantedRange(MIB, GIB, UC)], WIDTH, UC)
    cover = (0, GIB >> 12, WB)
    solution = Solution(wanted, UC, (cover,), False, None, 8, target_of(spec, machine))
    assert judged(spec, machine, solution, is_own=False).lines == ()
    assert not judged(spec, machine, solution, is_own=False).is_given


def test_a_guest_may_have_any_solution_and_a_real_machine_none_that_cannot_be_judged() -> None:
    guest, host = MachineSpec(1, GIB, (), WIDTH), spec_of(*LAYOUT)
    wanted = wanted_map([WantedRange(3 * GIB, 4 * GIB, WB)], WIDTH, UC)
    solution = Solution(wanted, WB, (), False, None, 8)
    assert solution.is_unsafe
    advice = judged(guest, None, solution, is_own=False)
    assert (advice.is_given, advice.lines) == (True, ())
    with pytest.raises(ValueError, match="registers are needed"):
        judged(host, None, solution, is_own=False)


@pytest.mark.parametrize(
    ("is_own", "untold", "is_said"),
    [(True, DEFTYPE, True), (False, DEFTYPE, False), (True, 0x20F, False)],
)
def test_what_becomes_uncached_for_want_of_the_default_type_is_said_of_the_own_map(
    is_own: bool, untold: int, is_said: bool
) -> None:
    spec = replace(spec_of(*LAYOUT), unknown_registers=((0, untold),))
    machine = machine_of(spec, OPEN)
    wanted = wanted_map([WantedRange(MIB, 2 * GIB, WB)], WIDTH, UC)
    solution = Solution(wanted, UC, (), False, None, 8, target_of(spec, machine))
    lines = judged(spec, machine, solution, is_own=is_own).lines
    assert any("its present type is not known" in line for line in lines) == is_said
