"""Writes that are done together: the same runs and registers as one by one, from any time on."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.core.policies import policy_ids
from mtrrviz.facts.figures import figures
from mtrrviz.scenario import Event, EventKind, Scenario
from mtrrviz.sim import replay, simulate
from mtrrviz.sim.replay import apply_event, new_machine, snapshot_distance
from tests.sim.made import DEFTYPE, ON_WB, machine, wrmsr
from tests.sim.made import scenario as made
from tests.sim.slow import SlowSimulation, assert_agrees, leaf_rows, zap_rows
from tests.sim.strategies import LAST_NS, edits, scenarios
from tests.sim.test_against_slow import registers

policies = st.sampled_from(("per-vcpu", "per-vm", *policy_ids()))


@pytest.fixture(autouse=True)
def few_events(monkeypatch):
    """Let the few events of these scenarios be many."""
    module = sys.modules[simulate.__module__]
    for each in (module, replay):
        monkeypatch.setattr(each, "FEW_EVENTS", 2)
    monkeypatch.setattr(module, "_QUIET_EVENTS", 5)


@st.composite
def quiet_scenarios(draw: st.DrawFn) -> Scenario:
    """Scenarios in which devices mostly are not there, so that most writes zap nothing."""
    scenario = draw(scenarios())
    devices = draw(st.sampled_from((0, 0, 0, 1)))
    return replace(scenario, machine=replace(scenario.machine, noncoherent_dma=devices))


@settings(max_examples=40)
@given(quiet_scenarios(), policies)
def test_runs_are_those_of_the_slow_simulator(scenario: Scenario, policy: str):
    assert_agrees(simulate(scenario, policy), SlowSimulation(scenario, policy).run())


@settings(max_examples=30)
@given(st.data(), policies, st.integers(0, LAST_NS + 1))
def test_going_on_equals_starting_anew(data, policy: str, time_ns: int):
    scenario = data.draw(quiet_scenarios())
    run = simulate(scenario, policy)
    edited, since_ns = data.draw(edits(scenario))
    again, anew = simulate(edited, policy, base=run, since_ns=since_ns), simulate(edited, policy)
    assert (leaf_rows(again), zap_rows(again)) == (leaf_rows(anew), zap_rows(anew))
    assert figures(again) == figures(anew)
    slow = SlowSimulation(edited, policy).run(until_ns=time_ns).machine
    vcpus = edited.machine.vcpus
    assert registers(again.at(time_ns).machine, vcpus) == registers(slow, vcpus)


@pytest.mark.parametrize("policy", policy_ids())
@given(data=st.data())
@settings(max_examples=10)
def test_no_policy_zaps_where_it_says_that_it_does_not(policy: str, data):
    scenario = data.draw(quiet_scenarios())
    found = replay.new_machine(scenario.machine, policy)
    for event in scenario.events:
        before, may = found.zap_requests, replay.zaps_on_writes(found)
        replay.apply_event(found, event)
        if not may and event.kind in replay.QUIET_KINDS:
            assert found.zap_requests == before


def test_snapshots_are_few_where_nothing_zaps_and_many_where_it_does():
    writes = [wrmsr(t, DEFTYPE, ON_WB) for t in range(40)]
    quiet = simulate(made(machine(dma=0), tuple(writes)), "per-vcpu").snapshots.indices
    loud = simulate(made(machine(), tuple(writes)), "per-vcpu").snapshots.indices
    assert quiet == (0, *range(5, 41, 5))
    assert loud == (0, 16, 32)


def test_a_touch_between_writes_sees_those_before_it():
    events = (
        Event(0, EventKind.DMA_DETACH),
        *(wrmsr(t, DEFTYPE, ON_WB | t % 2 << 10) for t in range(1, 7)),
        Event(9, EventKind.DMA_ATTACH),
    )
    scenario = made(machine(), events, (3, 0x100), (5, 0x100), (5, 0x40000), (10, 0x100))
    run = simulate(scenario, "kvm-6.7")
    assert_agrees(run, SlowSimulation(scenario, "kvm-6.7").run())
    assert run.leaves.born_ns.tolist()[:2] == [3, 5]


def test_snapshots_of_very_many_events_are_further_apart_and_serve_as_well():
    assert [snapshot_distance(n) for n in (1, 16_383, 16_384, 32_768, 100_000)] == [
        *(16, 16, 32, 64, 128),
    ]
    writes = [wrmsr(t, DEFTYPE, ON_WB | t % 3 << 10, t % 2) for t in range(17_000)]
    scenario = made(machine(), tuple(writes))
    run = simulate(scenario, "per-vcpu")
    assert run.snapshots.indices == tuple(range(0, 17_001, 32))
    for event in (0, 31, 32, 33, 16_999):
        found = run.snapshots.before(scenario.events, event)
        expected = new_machine(scenario.machine, "per-vcpu")
        for one in writes[:event]:
            apply_event(expected, one)
        for vcpu in range(scenario.machine.vcpus):
            assert found.mtrr(vcpu).contents() == expected.mtrr(vcpu).contents()
        assert found.zap_requests == expected.zap_requests
