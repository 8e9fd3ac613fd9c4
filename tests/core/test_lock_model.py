"""The lock's closed form against a lock simulated turn by turn, and bursts at it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.cost import with_values
from mtrrviz.core.lock_model import LockModel
from mtrrviz.core.lock_queue import Request, Rules, lone_cycles, run_burst
from mtrrviz.core.lock_walk import FULL_WALK_ENTRIES, USUAL_TABLES, WALK_END_GFN, EptTables, Walk
from tests.core.lock_steps import mean_step

MODEL = LockModel()
AT_ONCE = with_values(MODEL, {"stagger": 1e-6, "grace": 1e12})
FULL = Walk(0, WALK_END_GFN, FULL_WALK_ENTRIES)
SHORT = Walk(0, 0x100, 259, stalls_faults=False)


def with_pause(cycles: float) -> LockModel:
    return replace(MODEL, pause=replace(MODEL.pause, value=cycles))


@pytest.mark.parametrize(
    ("zappers", "faulters"), [(1, 0), (1, 1), (1, 7), (1, 15), (2, 6), (7, 1), (8, 8), (15, 1)]
)
def test_the_formula_is_the_mean_of_the_simulated_lock(zappers: int, faulters: int) -> None:
    simulated = mean_step(MODEL, zappers, faulters)
    assert MODEL.step_cycles(zappers, faulters) == pytest.approx(simulated, rel=0.08)


@pytest.mark.parametrize("pause", [20e3, 50e3, 100e3, 374e3])
@pytest.mark.parametrize("faulters", [1, 7, 15, 30, 63, 254])
def test_where_steps_suddenly_grow_the_formula_is_within_a_factor_of_two(
    faulters: int, pause: float
) -> None:
    model = with_pause(pause)
    ratio = model.step_cycles(1, faulters) / mean_step(model, 1, faulters)
    assert 0.9 < ratio < 2


def test_nobody_else_means_nothing_but_work() -> None:
    assert MODEL.step_cycles(1, 0) == pytest.approx(MODEL.own.value)


def test_each_rival_costs_one_turn_a_step() -> None:
    grown = MODEL.step_cycles(9, 0) - MODEL.step_cycles(8, 0)
    assert grown == pytest.approx(MODEL.turn.value)


def test_faults_cost_more_than_in_proportion_beyond_some_number() -> None:
    extra = [MODEL.step_cycles(1, n) - MODEL.own.value for n in (7, 15, 30)]
    assert extra[1] > 2.3 * extra[0]
    assert extra[2] > 2.3 * extra[1]


@given(st.integers(1, 255), st.integers(0, 255), st.floats(1, 1e9))
def test_a_step_is_between_its_bounds(zappers: int, faulters: int, pause: float) -> None:
    model = with_pause(pause)
    alone = MODEL.own.value + MODEL.turn.value * (zappers - 1)
    step = model.step_cycles(zappers, faulters)
    assert alone <= step <= (alone + MODEL.turn.value) * (1 + 1e-9)
    assert step <= model.step_cycles(zappers, faulters + 1) * (1 + 1e-6)


def test_a_burst_of_equals_shares_the_lock() -> None:
    burst = run_burst(AT_ONCE, [[Request(0, (FULL,))]] * 7, vcpus=7)
    expected = FULL_WALK_ENTRIES * MODEL.step_cycles(7, 0)
    assert [cycles[0] for cycles in burst.cycles] == pytest.approx([expected] * 7)
    assert burst.span_cycles == pytest.approx(expected)


def test_a_burst_of_one_is_a_lone_zap() -> None:
    burst = run_burst(MODEL, [[Request(5000, (FULL, SHORT))]], vcpus=8)
    assert burst.cycles[0][0] == pytest.approx(lone_cycles(MODEL, (FULL, SHORT), 7))


def test_work_of_a_burst_does_not_depend_on_who_comes_when() -> None:
    """Without faults every step of the lock serves somebody, so the end is when all is done."""
    programs = [[Request(0, (SHORT,)), Request(3000, (SHORT,))]] * 5
    burst = run_burst(AT_ONCE, programs, vcpus=5)
    first = 259 * MODEL.step_cycles(5, 0)
    assert burst.span_cycles == pytest.approx(2 * first + 3000)


def test_one_for_all_drops_duplicates_and_lets_all_wait() -> None:
    programs = [[Request(rank, (FULL,))] for rank in range(7)]
    burst = run_burst(AT_ONCE, programs, vcpus=7, rules=Rules(serialises=True))
    two_walks = 2 * FULL_WALK_ENTRIES * MODEL.own.value
    for rank, cycles in enumerate(burst.cycles):
        assert cycles[0] == pytest.approx(two_walks - rank, rel=1e-3)


def test_one_for_all_is_cheaper_than_each_for_itself() -> None:
    programs = [[Request(0, (FULL,))]] * 15
    alone = run_burst(MODEL, programs, 16)
    together = run_burst(MODEL, programs, 16, Rules(serialises=True))
    assert sum(c[0] for c in together.cycles) < sum(c[0] for c in alone.cycles) / 10


def test_the_shared_lock_waits_for_nobody() -> None:
    rules = Rules(shared=True)
    few, many = (run_burst(MODEL, [[Request(0, (FULL,))]] * n, 255, rules) for n in (2, 254))
    cost = FULL_WALK_ENTRIES * MODEL.shared_step_cycles
    assert few.cycles[0][0] == pytest.approx(cost)
    assert many.cycles[253][0] == pytest.approx(cost)


def test_a_request_without_a_range_costs_nothing() -> None:
    for serialises in (False, True):
        burst = run_burst(MODEL, [[Request(0, ())]], 8, Rules(serialises=serialises))
        assert burst.cycles == ((0.0,),)


@pytest.mark.parametrize("serialises", [False, True])
def test_who_comes_too_late_waits_for_all_zaps_under_way(serialises: bool) -> None:
    few = with_values(MODEL, {"stagger": 1000, "grace": 2.5})
    rules = Rules(serialises=serialises)
    programs = [[Request(5000, (FULL,))]] * 9
    burst = run_burst(few, programs, 10, rules)
    early, late = burst.cycles[:3], burst.cycles[3:]
    # The six that were kept begin together, so they share the lock alike.
    assert len(set(late)) == 1
    assert late[0] not in early
    all_of_them = run_burst(with_values(few, {"grace": 8.5}), programs, 10, rules)
    assert len(set(all_of_them.cycles)) > 4


def test_zaps_of_pages_nobody_needs_keep_nobody() -> None:
    programs = [[Request(0, (replace(FULL, stalls_faults=False),))]] * 9
    at_once = with_values(MODEL, {"grace": 0})
    assert run_burst(at_once, programs, 10) == run_burst(MODEL, programs, 10)


def test_the_shared_lock_keeps_nobody() -> None:
    at_once = with_values(MODEL, {"grace": 0})
    shared = Rules(shared=True)
    programs = [[Request(0, (FULL,)), Request(9000, (FULL,))]] * 9
    assert run_burst(at_once, programs, 10, shared) == run_burst(MODEL, programs, 10, shared)


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
