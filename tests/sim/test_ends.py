"""Ends of intervals and the very moment: what begins at a time is there, what ends then is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.analysis.explaining.explain import page_history
from mtrrviz.core.msr.registers import FIXED_MSRS
from mtrrviz.core.policies import policy_ids
from mtrrviz.scenario import Event, EventKind
from mtrrviz.sim import ALIVE, Run, simulate
from tests.sim.made import DEFTYPE, OFF, ON_UC, ON_WB, machine, ram, scenario, wrmsr
from tests.sim.strategies import scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

CACHES_ON = Event(0, EventKind.MOV_CR0, 0, 0, 0x8000_0011)
PAIR = (wrmsr(1, 0x200, 0x10_0000), wrmsr(1, 0x201, 0xF_FFFF_0800))
"""A range of 64 KiB: pages 0x100 to 0x10f."""


def with_a_zap_of_the_range(touched: Sequence[int] = (0xFF, 0x100, 0x10F, 0x110)) -> Run:
    """Return a run whose last zap, at 20 ns, is of pages 0x100 to 0x10f alone."""
    rows = [(5 + number, gfn) for number, gfn in enumerate(touched)]
    spec = machine(ram(0, 0x4000_0000), vcpus=1, host_level=1)
    events = (CACHES_ON, *PAIR, wrmsr(2, DEFTYPE, ON_WB), wrmsr(20, 0x200, 0x10_0006))
    return simulate(scenario(spec, events, *rows), "per-vcpu")


@pytest.mark.parametrize(
    ("gfn", "is_held"), [(0xFF, False), (0x100, True), (0x10F, True), (0x110, False)]
)
def test_a_zap_holds_its_first_page_and_its_last_and_no_neighbour(gfn: int, is_held: bool) -> None:
    run = with_a_zap_of_the_range()
    assert run.zaps.ranges[-1] == ((0x100, 0x110),)
    assert bool(run.zaps.intersecting(gfn)[-1]) == is_held
    (row,) = run.leaves.rows_at(gfn).tolist()
    assert (int(run.leaves.died_ns[row]) == 20) == is_held


@pytest.mark.parametrize("touched", [(0x100, 0x10F), (0xFF, 0x10F), (0x100, 0x110)])
def test_a_zap_drops_all_leaves_only_where_it_holds_all_pages(touched: tuple[int, int]) -> None:
    run = with_a_zap_of_the_range(touched)
    inside = [gfn for gfn in touched if 0x100 <= gfn < 0x110]
    assert int(run.zaps.leaves_dropped[-1]) == len(inside)
    assert run.leaves.first_gfn[run.leaves.died_ns == 20].tolist() == inside


def test_a_request_that_finds_nothing_to_zap_spans_no_frame() -> None:
    events = (wrmsr(1, DEFTYPE, ON_WB), Event(2, EventKind.MOV_CR0, 0, 0, 0x8000_0011))
    all_wb = [wrmsr(0, msr, 0x0606_0606_0606_0606) for msr in FIXED_MSRS]
    zaps = simulate(scenario(machine(vcpus=1), (*all_wb, *events)), "fine-grained").zaps
    assert zaps.ranges[-1] == ()
    assert (int(zaps.start_gfn[-1]), int(zaps.end_gfn[-1])) == (0, 0)
    assert not zaps.intersecting(0)[-1]


@pytest.mark.parametrize(("time_ns", "drops"), [(19, 0), (20, 1), (21, 1)])
def test_a_page_was_dropped_from_the_very_time_of_the_zap(time_ns: int, drops: int) -> None:
    found = page_history(with_a_zap_of_the_range(), 0x100, time_ns)
    assert found.drops == drops


@settings(max_examples=60)
@given(scenarios(), st.sampled_from(policy_ids()), st.data())
def test_what_happens_at_a_time_has_happened_then(scenario, policy, data) -> None:
    """At each birth and each death: the leaf is there from its birth up to before its death."""
    run = simulate(scenario, policy)
    if not len(run.leaves):
        return
    row = data.draw(st.integers(0, len(run.leaves) - 1))
    born, died = int(run.leaves.born_ns[row]), int(run.leaves.died_ns[row])
    gfn = int(run.leaves.first_gfn[row])
    assert (row in run.at(born).live_rows) == (born < died)
    assert row not in run.at(born - 1).live_rows
    if died != ALIVE:
        assert row not in run.at(died).live_rows
        assert (row in run.at(died - 1).live_rows) == (born < died)
        dropped = int(run.leaves.zap[row]) >= 0
        before, after = (page_history(run, gfn, time).drops for time in (died - 1, died))
        assert after - before >= int(dropped)


@settings(max_examples=60)
@given(scenarios(), st.sampled_from(policy_ids()))
def test_a_zap_holds_what_lies_in_its_ranges_only(scenario, policy) -> None:
    zaps = simulate(scenario, policy).zaps
    ends = {end for ranges in zaps.ranges for span in ranges for end in span}
    for gfn in sorted({gfn for end in ends for gfn in (end - 1, end) if 0 <= gfn < 1 << 52}):
        expected = [any(low <= gfn < high for low, high in ranges) for ranges in zaps.ranges]
        assert zaps.intersecting(gfn).tolist() == expected


@pytest.mark.parametrize("gfn", [0, 159, 160, 255, 256, 511, 512, 767, 768, 0x3_FFFF, 0x4_0000])
def test_of_a_zap_of_several_ranges_each_holds_its_own_pages(gfn: int) -> None:
    slots = (ram(0, 0xA_0000), ram(0x10_0000, 0x20_0000), ram(0x30_0000, 0x4000_0000))
    spec = machine(*slots, vcpus=1, host_level=1)
    zaps = simulate(scenario(spec, (CACHES_ON, wrmsr(2, DEFTYPE, ON_WB))), "slot-split").zaps
    assert zaps.ranges[-1] == ((0, 160), (256, 512), (768, 0x4_0000))
    is_held = any(first <= gfn < end for first, end in zaps.ranges[-1])
    assert bool(zaps.intersecting(gfn)[-1]) == is_held


@pytest.mark.parametrize("host_level", [1, 2, 3])
@pytest.mark.parametrize("touched", [1, 2, 3])
def test_a_leaf_made_right_after_a_zap_serves_the_next_touch(host_level: int, touched: int) -> None:
    """The sole small leaf since a zap of everything has the very row at which living ones begin."""
    spec = machine(ram(0, 0x10_0000), ram(0x10_0000, 0x18_0000), vcpus=1, host_level=host_level)
    events = (CACHES_ON, wrmsr(2, DEFTYPE, ON_WB), wrmsr(20, DEFTYPE, ON_UC), wrmsr(40, 0x277, 6))
    rows = (*((5 + i, 0x10 + i) for i in range(touched)), (30, 0x10), (50, 0x10), (60, 0x10))
    run = simulate(scenario(spec, events, *rows), "per-vcpu")
    at_page = run.leaves.rows_at(0x10)
    assert run.leaves.level[at_page].tolist() == [1, 1]
    assert run.leaves.born_ns[at_page].tolist() == [5, 30]
    assert int(np.count_nonzero(run.leaves.refault)) == 1


def test_mtrrs_off_are_off_from_their_very_time() -> None:
    run = simulate(scenario(machine(vcpus=1), (wrmsr(5, DEFTYPE, OFF),)), "per-vcpu")
    assert [run.at(time).machine.mtrr(0).read(DEFTYPE) for time in (4, 5)] == [0, OFF]


@settings(max_examples=40)
@given(scenarios(), st.sampled_from(policy_ids()))
def test_a_zap_is_of_all_memory_or_a_part_in_every_table(scenario, policy) -> None:
    zaps = simulate(scenario, policy).zaps
    wholes = [(0, (1 << 52) - 1), (0, (1 << 64) - 1)]
    expected = [not any(span in wholes for span in ranges) for ranges in zaps.ranges]
    assert zaps.partial.tolist() == expected


def size_bytes(vcpus: int, writes: int) -> tuple[int, int]:
    """Return about how much memory a run of zaps takes, and how many snapshots it keeps."""
    events = tuple(wrmsr(at, DEFTYPE, (ON_WB, ON_UC)[at % 2]) for at in range(writes))
    run = simulate(scenario(machine(vcpus=vcpus), events, (1, 5)), "per-vcpu")
    assert len(run.zaps) == writes
    return run.size_bytes, len(run.snapshots.machines)


def test_a_run_takes_memory_for_each_zap_and_for_each_vcpu_of_each_snapshot() -> None:
    (few, one), (with_zap, _) = size_bytes(2, 10), size_bytes(2, 11)
    assert one == 1
    assert 100 < with_zap - few < 1000
    a_vcpu = size_bytes(3, 10)[0] - few
    assert 200 < a_vcpu < 2000
    assert few > 10 * (with_zap - few) + 2 * a_vcpu
    (long, many), (longer, _) = size_bytes(2, 400), size_bytes(4, 400)
    assert many > 10
    assert longer - long == 2 * many * a_vcpu
