"""When runs fulfil stop conditions, held against looking at the state at every single time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.analysis.comparing.compare import compare
from mtrrviz.analysis.stops import stop_times, stop_words
from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.stale import stale_rows
from mtrrviz.scenario import Event, EventKind, Phase
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.sim import simulate
from tests.sim.made import DEFTYPE, ON_UC, ON_WB, machine, scenario, wrmsr
from tests.sim.strategies import EDGES, scenarios

RANGES = st.builds(lambda gfn, pages: (gfn, gfn + pages), st.sampled_from(EDGES), st.integers(1, 9))
POLICIES = st.sampled_from(("per-vcpu", "per-vm"))


def moments(run):
    """Return all times at which anything happens."""
    times = {event.time_ns for event in run.scenario.events}
    return sorted(times | set(run.scenario.touches.time_ns.tolist()))


def meets(leaves, row, gfns):
    first = int(leaves.first_gfn[row])
    return gfns is None or (first < gfns[1] and first + int(leaves.pages[row]) > gfns[0])


def found(stop, run, comparison=None):
    return stop_times(stop, run, comparison).tolist()


@settings(max_examples=20)
@given(scenarios(), POLICIES, st.none() | RANGES)
def test_leaves_turn_stale_when_looking_says_so(made, policy, gfns):
    run = simulate(made, policy)
    for vcpu in range(made.machine.vcpus):
        before, turned = set(), []
        for time_ns in moments(run):
            now = set(stale_rows(run.at(time_ns), vcpu).tolist())
            if any(meets(run.leaves, row, gfns) for row in now - before):
                turned.append(time_ns)
            before = now
        assert found(StopCondition(StopKind.STALE, vcpu=vcpu, gfns=gfns), run) == turned
    whole = set(found(StopCondition(StopKind.STALE, gfns=gfns), run))
    each = (
        set(found(StopCondition(StopKind.STALE, vcpu=vcpu, gfns=gfns), run))
        for vcpu in range(made.machine.vcpus)
    )
    assert whole == set().union(*each)


@settings(max_examples=20)
@given(scenarios(), POLICIES, RANGES)
def test_types_change_when_looking_says_so(made, policy, gfns):
    run = simulate(made, policy)
    last, changed = {}, []
    for time_ns in moments(run):
        state = run.at(time_ns)
        types = {
            gfn: int(run.leaves.memory_type[row])
            for gfn in range(*gfns)
            if (row := state.leaf_row(gfn)) is not None
        }
        if any(last.get(gfn, kind) != kind for gfn, kind in types.items()):
            changed.append(time_ns)
        last |= types
    stops = found(StopCondition(StopKind.TYPE, gfns=gfns), run)
    # Of leaves that come and go within one moment looking sees the last only.
    assert set(changed) <= set(stops)
    assert set(stops) <= set(moments(run))


@settings(max_examples=20)
@given(scenarios(), RANGES)
def test_what_a_fault_would_get_changes_when_looking_says_so(made, gfns):
    run = simulate(made, "per-vcpu")
    for vcpu in range(made.machine.vcpus):
        times = moments(run)
        spans = [expected_at(run.at(time_ns), vcpu).spans(*gfns) for time_ns in [-1, *times]]
        changed = [t for t, a, b in zip(times, spans, spans[1:], strict=False) if a != b]
        stop = StopCondition(StopKind.TYPE, vcpu=vcpu, gfns=gfns)
        assert found(stop, run) == changed


@given(scenarios(), POLICIES, st.none() | RANGES)
def test_faults_and_zaps_are_those_of_the_leaves(made, policy, gfns):
    run = simulate(made, policy)
    leaves = run.leaves
    rows = [row for row in range(len(leaves)) if meets(leaves, row, gfns)]
    born = sorted({int(leaves.born_ns[row]) for row in rows})
    assert found(StopCondition(StopKind.FAULT, gfns=gfns), run) == born
    mine = sorted({int(leaves.born_ns[row]) for row in rows if leaves.vcpu[row] == 0})
    assert found(StopCondition(StopKind.FAULT, vcpu=0, gfns=gfns), run) == mine
    zapped = sorted({int(leaves.died_ns[row]) for row in rows if leaves.zap[row] >= 0})
    if gfns is None:
        zapped = sorted(set(run.zaps.time_ns.tolist()))
    assert found(StopCondition(StopKind.ZAP, gfns=gfns), run) == zapped


@given(scenarios())
def test_policies_begin_to_differ_when_looking_says_so(made):
    first, second = (simulate(made, policy) for policy in ("per-vcpu", "per-vm"))
    comparison = compare(first, second)
    differs, began = False, []
    for time_ns in moments(first):
        pages = comparison.history.pages_at(time_ns)
        now = any(count for kind, count in pages.items() if kind.name != "EQUAL")
        if now and not differs:
            began.append(time_ns)
        differs = now
    stop = StopCondition(StopKind.POLICIES_DIFFER)
    assert found(stop, first, comparison) == began
    assert found(stop, first) == []


@pytest.fixture
def made():
    events = (
        wrmsr(5, DEFTYPE, ON_WB),
        wrmsr(7, DEFTYPE, ON_UC, vcpu=1),
        wrmsr(8, 0x277, 0),
        wrmsr(9, DEFTYPE, ON_WB, vcpu=1),
    )
    return replace(
        scenario(machine(), events, (6, 5)), phases=(Phase(0, "a"), Phase(8, "b")), duration_ns=20
    )


def test_writes_of_a_register_of_a_vcpu_or_any(made):
    run = simulate(made, "per-vcpu")
    assert found(StopCondition(StopKind.WRITE), run) == [5, 7, 8, 9]
    assert found(StopCondition(StopKind.WRITE, register=DEFTYPE), run) == [5, 7, 9]
    assert found(StopCondition(StopKind.WRITE, register=DEFTYPE, vcpu=1), run) == [7, 9]
    assert found(StopCondition(StopKind.WRITE, register=CR0_ID), run) == []


def test_vcpus_begin_and_cease_to_differ_whatever_their_pat(made):
    run = simulate(made, "per-vcpu")
    assert found(StopCondition(StopKind.VCPUS_DIFFER), run) == [5, 9]


def test_phases_by_name_or_any(made):
    run = simulate(made, "per-vcpu")
    assert found(StopCondition(StopKind.PHASE), run) == [0, 8]
    assert found(StopCondition(StopKind.PHASE, phase="b"), run) == [8]
    noted = made.inserting(Event(6, EventKind.NOTE, text="x"))
    assert found(StopCondition(StopKind.NOTE), simulate(noted, "per-vcpu")) == [6]


def test_the_zap_and_the_cycles_that_go_beyond_a_limit(made):
    run = simulate(made, "per-vcpu")
    times = run.zaps.time_ns.tolist()
    assert len(times) >= 2
    assert found(StopCondition(StopKind.ZAPS_EXCEED, limit=0), run) == times[:1]
    assert found(StopCondition(StopKind.ZAPS_EXCEED, limit=1), run) == times[1:2]
    assert found(StopCondition(StopKind.ZAPS_EXCEED, limit=len(times)), run) == []
    first = float(run.zaps.cycles[0]) / 1e6
    assert found(StopCondition(StopKind.CYCLES_EXCEED, limit=first), run) == times[1:2]
    assert found(StopCondition(StopKind.CYCLES_EXCEED, limit=0), run) == times[:1]
    total = float(np.sum(run.zaps.cycles)) / 1e6
    assert found(StopCondition(StopKind.CYCLES_EXCEED, limit=total + 1), run) == []


def test_every_kind_has_words():
    for kind in StopKind:
        assert stop_words(StopCondition(kind, vcpu=1, gfns=(0, 2), limit=3)).strip()
    assert "vCPU 1" in stop_words(StopCondition(StopKind.WRITE, vcpu=1))
    assert "8 KiB" in stop_words(StopCondition(StopKind.ZAP, gfns=(0, 2)))


def test_a_leaf_born_as_its_type_changes_is_not_stale():
    caches_on = tuple(Event(1, EventKind.MOV_CR0, vcpu, 0, 0x11) for vcpu in (0, 1))
    events = (*caches_on, wrmsr(5, DEFTYPE, ON_WB), wrmsr(9, DEFTYPE, ON_UC))
    run = simulate(scenario(machine(), events, (5, 0x600), (9, 0x800)), "per-vcpu")
    assert found(StopCondition(StopKind.STALE, vcpu=0), run) == []
    assert found(StopCondition(StopKind.STALE, vcpu=1), run) == [5]
