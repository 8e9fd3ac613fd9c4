"""The lock's closed form against a lock simulated turn by turn, and bursts at it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.core.costs.lock_pace import Pace
from mtrrviz.core.costs.lock_queue import LockRequest, Rules, lone_cycles, run_burst
from mtrrviz.core.costs.lock_walk import (
    FULL_WALK_ENTRIES,
    USUAL_TABLES,
    WALK_END_GFN,
    EptTables,
    Walk,
)
from tests.core.costs.lock_steps import drawn_cycles, stepped_cycles

MODEL = LockModel()
AT_ONCE = with_values(MODEL, {"stagger": 1e-6, "grace": 1e12})
NO_FAULTS = with_values(AT_ONCE, {"onset": 1e18})
FULL = Walk(0, WALK_END_GFN, FULL_WALK_ENTRIES)
SHORT = Walk(0, 0x100, 259, stalls_faults=False)


@pytest.mark.parametrize(
    ("zappers", "faulters"), [(1, 0), (1, 1), (1, 7), (1, 15), (2, 6), (7, 1), (8, 8), (15, 1)]
)
@pytest.mark.parametrize("steps", [1, 1538, 4224])
def test_the_closed_form_is_the_walk_step_by_step(zappers: int, faulters: int, steps: int) -> None:
    stepped = stepped_cycles(MODEL, zappers, faulters, steps)
    assert MODEL.pace(zappers, faulters).cycles(steps) == pytest.approx(stepped, rel=0.02)


@pytest.mark.parametrize("faulters", [1, 7, 15])
def test_the_closed_form_is_near_the_mean_of_random_walks(faulters: int) -> None:
    drawn = drawn_cycles(MODEL, faulters, 3200, walks=20)
    assert MODEL.pace(1, faulters).cycles(3200) == pytest.approx(drawn, rel=0.15)


def test_nobody_else_means_nothing_but_work() -> None:
    assert MODEL.pace(1, 0).cycles(10) == pytest.approx(10 * MODEL.own.value)


def test_each_rival_costs_one_turn_a_step() -> None:
    grown = MODEL.pace(9, 0).base - MODEL.pace(8, 0).base
    assert grown == pytest.approx(MODEL.turn.value)


def test_faults_cost_more_than_in_proportion_to_vcpus_and_to_length() -> None:
    def extra(faulters: int, steps: int) -> float:
        return MODEL.pace(1, faulters).cycles(steps) - MODEL.pace(1, 0).cycles(steps)

    assert extra(15, 3000) > 4 * extra(7, 3000)
    assert extra(15, 3000) > 4 * extra(15, 1500)


paces = st.builds(Pace, st.floats(1, 1e5), st.floats(0, 1e7), st.floats(1e3, 1e10))


@given(paces, st.floats(0, 1e5), st.floats(0, 1))
def test_steps_and_cycles_are_inverse(pace: Pace, steps: float, pressure: float) -> None:
    assert pace.steps(pace.cycles(steps, pressure), pressure) == pytest.approx(
        steps, rel=1e-6, abs=1e-6
    )


@given(paces, st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 1))
def test_a_walk_in_two_parts_is_the_walk(
    pace: Pace, one: float, two: float, pressure: float
) -> None:
    first = pace.cycles(one, pressure)
    second = pace.cycles(two, pace.pressure_after(first, pressure))
    assert first + second == pytest.approx(pace.cycles(one + two, pressure), rel=1e-6)


@given(paces, st.floats(1, 1e5), st.floats(0, 1))
def test_a_walk_is_between_its_bounds(pace: Pace, steps: float, pressure: float) -> None:
    least = (pace.base + pace.extra * pressure) * steps
    most = (pace.base + pace.extra) * steps
    assert least * (1 - 1e-6) <= pace.cycles(steps, pressure) <= most * (1 + 1e-6)


def test_without_an_onset_all_wait_at_every_step() -> None:
    at_once = with_values(MODEL, {"onset": 0})
    assert at_once.pace(2, 3).cycles(1) == MODEL.own.value + 4 * MODEL.turn.value


def test_after_as_long_as_the_onset_the_pressure_is_all_but_an_eth() -> None:
    assert Pace(1.0, 1.0, 50.0).pressure_after(50.0) == pytest.approx(1 - 1 / math.e)


def test_a_burst_of_equals_shares_the_lock() -> None:
    burst = run_burst(AT_ONCE, [[LockRequest(0, (FULL,))]] * 7, vcpus=7)
    expected = MODEL.pace(7, 0).cycles(FULL_WALK_ENTRIES)
    assert [cycles[0] for cycles in burst.cycles] == pytest.approx([expected] * 7)
    assert burst.span_cycles == pytest.approx(expected)


def test_a_burst_of_one_is_a_lone_zap() -> None:
    burst = run_burst(MODEL, [[LockRequest(5000, (FULL, SHORT))]], vcpus=8)
    assert burst.cycles[0][0] == pytest.approx(lone_cycles(MODEL, (FULL, SHORT), 7))


@pytest.mark.parametrize("gaps", [(5e6,), (1e6, 9e6, 5e6), (9e6, 1e6, 5e6), (5e6, 9e6, 1e6)])
def test_a_burst_lasts_from_whoever_comes_first(gaps: tuple[float, ...]) -> None:
    """The vCPUs come so far apart that none meets another."""
    burst = run_burst(AT_ONCE, [[LockRequest(gap, (SHORT,))] for gap in gaps], vcpus=8)
    last = lone_cycles(AT_ONCE, (SHORT,), 7)
    assert burst.span_cycles == pytest.approx(max(gaps) - min(gaps) + last)


def test_work_of_a_burst_does_not_depend_on_who_comes_when() -> None:
    """Without faults every step of the lock serves somebody, so the end is when all is done."""
    programs = [[LockRequest(0, (SHORT,)), LockRequest(3000, (SHORT,))]] * 5
    burst = run_burst(AT_ONCE, programs, vcpus=5)
    first = MODEL.pace(5, 0).cycles(259)
    assert burst.span_cycles == pytest.approx(2 * first + 3000)


def test_one_for_all_drops_duplicates_and_lets_all_wait() -> None:
    programs = [[LockRequest(rank, (FULL,))] for rank in range(7)]
    burst = run_burst(NO_FAULTS, programs, vcpus=7, rules=Rules(serialises=True))
    two_walks = 2 * FULL_WALK_ENTRIES * MODEL.own.value
    for rank, cycles in enumerate(burst.cycles):
        assert cycles[0] == pytest.approx(two_walks - rank, rel=1e-3)


def test_a_long_range_stays_queued_for_those_who_come_while_a_short_one_is_walked() -> None:
    """The second vCPU finds its range in the list: it is walked once, not twice."""
    programs = [[LockRequest(0, (FULL, SHORT))], [LockRequest(10, (FULL,))]]
    burst = run_burst(NO_FAULTS, programs, vcpus=2, rules=Rules(serialises=True))
    entries = SHORT.entries + FULL.entries
    assert burst.span_cycles == pytest.approx(entries * MODEL.own.value, rel=1e-3)


def test_one_for_all_is_cheaper_than_each_for_itself() -> None:
    programs = [[LockRequest(0, (FULL,))]] * 15
    alone = run_burst(MODEL, programs, 16)
    together = run_burst(MODEL, programs, 16, Rules(serialises=True))
    assert sum(c[0] for c in together.cycles) < sum(c[0] for c in alone.cycles) / 4


def test_the_shared_lock_waits_for_nobody() -> None:
    rules = Rules(shared=True)
    few, many = (run_burst(MODEL, [[LockRequest(0, (FULL,))]] * n, 255, rules) for n in (2, 254))
    cost = FULL_WALK_ENTRIES * MODEL.own.value * MODEL.shared.value
    assert few.cycles[0][0] == pytest.approx(cost)
    assert many.cycles[253][0] == pytest.approx(cost)


def test_a_request_without_a_range_costs_nothing() -> None:
    for serialises in (False, True):
        burst = run_burst(MODEL, [[LockRequest(0, ())]], 8, Rules(serialises=serialises))
        assert burst.cycles == ((0.0,),)


@pytest.mark.parametrize("serialises", [False, True])
def test_who_comes_too_late_waits_for_all_zaps_under_way(serialises: bool) -> None:
    few = with_values(MODEL, {"stagger": 1000, "grace": 2.5})
    rules = Rules(serialises=serialises)
    programs = [[LockRequest(5000, (FULL,))]] * 9
    burst = run_burst(few, programs, 10, rules)
    early, late = burst.cycles[:3], burst.cycles[3:]
    # The six that were kept begin together, so they share the lock alike.
    assert len(set(late)) == 1
    assert late[0] not in early
    all_of_them = run_burst(with_values(few, {"grace": 8.5}), programs, 10, rules)
    assert len(set(all_of_them.cycles)) > 4


def test_zaps_of_pages_nobody_needs_keep_nobody() -> None:
    programs = [[LockRequest(0, (replace(FULL, stalls_faults=False),))]] * 9
    at_once = with_values(MODEL, {"grace": 0})
    assert run_burst(at_once, programs, 10) == run_burst(MODEL, programs, 10)


def test_the_shared_lock_keeps_nobody() -> None:
    at_once = with_values(MODEL, {"grace": 0})
    shared = Rules(shared=True)
    programs = [[LockRequest(0, (FULL,)), LockRequest(9000, (FULL,))]] * 9
    assert run_burst(at_once, programs, 10, shared) == run_burst(MODEL, programs, 10, shared)


def test_no_vcpu_is_kept_from_a_list_that_is_worked_off_under_the_shared_lock() -> None:
    """Whoever comes late still queues its range; under the exclusive lock faults keep it."""
    programs = [[LockRequest(0, (FULL,))] for _ in range(9)]
    at_once = with_values(MODEL, {"grace": 0, "stagger": 100})
    patient = with_values(at_once, {"grace": 1e9})
    for shared in (True, False):
        rules = Rules(shared=shared, serialises=True)
        kept, free = (
            run_burst(at_once, programs, 10, rules),
            run_burst(patient, programs, 10, rules),
        )
        assert (kept == free) == shared


@pytest.mark.parametrize("serialises", [False, True])
def test_who_comes_exactly_when_the_grace_ends_still_gets_to_its_zap(serialises: bool) -> None:
    """The second comes two staggers after the first: kept with a grace just below that."""
    rules = Rules(serialises=serialises)
    programs = [[LockRequest(0, (FULL,))], [LockRequest(1024, (FULL,))]]
    free = with_values(MODEL, {"stagger": 1024, "grace": 1e9})
    exactly, below = (with_values(free, {"grace": grace}) for grace in (2.0, 1.9))
    assert run_burst(exactly, programs, 3, rules) == run_burst(free, programs, 3, rules)
    assert run_burst(below, programs, 3, rules) != run_burst(free, programs, 3, rules)


def test_who_arrives_exactly_when_the_list_is_empty_finds_it_still_worked_off() -> None:
    """An arrival comes before an end at the same time, so both wait for a second walk."""
    walk = Walk(0, 8, 1024, stalls_faults=False)
    whole = with_values(MODEL, {"own": 256.0, "grace": 1e9})
    length = 1024 * 256.0
    programs = [[LockRequest(0, (walk,))], [LockRequest(0, (walk,))]]
    first = {}
    for late in (-1.0, 0.0, 1.0):
        apart = with_values(whole, {"stagger": length + late})
        first[late] = run_burst(apart, programs, 3, Rules(serialises=True)).cycles[0][0]
    assert first == {-1.0: 2 * length, 0.0: 2 * length, 1.0: length}


def test_who_is_through_wants_the_lock_no_more() -> None:
    """A long walk goes on faster once the other vCPU only waits for it."""
    long = replace(FULL, entries=50 * FULL.entries)
    two = [[LockRequest(0, (SHORT,))], [LockRequest(0, (long,))]]
    at_once = with_values(MODEL, {"stagger": 1e-6, "grace": 1e9})
    alone = run_burst(at_once, [[LockRequest(0, (long,))]], 8).cycles[0][0]
    assert run_burst(at_once, two, 8).cycles[1][0] < alone


def test_between_two_walks_of_a_list_the_pressure_stays() -> None:
    half = Walk(0, 8, FULL.entries // 2), Walk(8, 16, FULL.entries // 2)
    whole = Walk(0, 16, FULL.entries // 2 * 2)
    rules = Rules(serialises=True)
    in_parts, at_once = (
        run_burst(MODEL, [[LockRequest(0, walks)]], 16, rules) for walks in (half, (whole,))
    )
    assert in_parts.cycles[0][0] == pytest.approx(at_once.cycles[0][0])


@pytest.mark.parametrize("serialises", [False, True])
def test_once_nobody_walks_the_pressure_is_gone(serialises: bool) -> None:
    """A second request long after the first costs the same again."""
    program = [LockRequest(0, (FULL,)), LockRequest(1e9, (FULL,))]
    ((first, second),) = run_burst(MODEL, [program], 16, Rules(serialises=serialises)).cycles
    assert second == pytest.approx(first)


@given(st.integers(0, 1 << 20), st.integers(1, 1 << 20), st.integers(1, 1 << 20))
def test_walks_that_meet_visit_what_one_walk_does_and_twice_what_lies_around_their_border(
    start: int, first: int, second: int
) -> None:
    cut, end = start + first, start + first + second
    parts = USUAL_TABLES.entries(start, cut) + USUAL_TABLES.entries(cut, end)
    assert parts == USUAL_TABLES.entries(start, end) + entries_around(cut)


def entries_around(gfn: int) -> int:
    """Return how many entries of the usual tables map pages on both sides of ``gfn``."""
    spans = [(1 << 27, True), (1 << 18, True), (1 << 9, gfn < 4 << 18), (1, gfn < 512)]
    return sum(there and gfn % pages != 0 for pages, there in spans)


def test_no_programs_no_burst() -> None:
    assert run_burst(MODEL, [], 8).span_cycles == 0


def test_the_list_is_worked_off_short_first_then_high_first() -> None:
    walks = [Walk(0, 8, 1), Walk(8, 16, 1), Walk(64, 66, 1)]
    assert [w.start_gfn for w in sorted(walks, key=lambda w: w.order)] == [64, 8, 0]


@pytest.mark.parametrize(
    ("start", "end", "entries"),
    [
        (0, 1, 4),
        (0, 0x100, 1 + 1 + 1 + 256),
        (0x80000, 0x100000, 1 + 2 + 1024),
        (0x800000, 0x1000000, 1 + 32),
        (0, WALK_END_GFN, 128 + 512 + 4 * 512 + 512),
        (0, (1 << 64) - 1, 128 + 512 + 4 * 512 + 512),
        (5, 5, 0),
        (1 << 40, 1 << 41, 0),
    ],
)
def test_entries_of_a_walk(start: int, end: int, entries: int) -> None:
    assert USUAL_TABLES.entries(start, end) == entries


def test_an_empty_ept_is_only_a_root() -> None:
    assert EptTables().entries(0, WALK_END_GFN) == 128


def test_every_constant_says_where_it_is_from() -> None:
    for constant in MODEL.constants():
        assert all((constant.unit, constant.meaning, constant.source, constant.fitted_to))
