"""The fast simulation gives what a slow and obvious one gives, row for row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.core.policies import policy_ids
from mtrrviz.facts.figures import figures, figures_until
from mtrrviz.scenario import Scenario
from mtrrviz.sim import Run, simulate
from mtrrviz.sim.replay import SNAPSHOT_EVERY
from tests.sim.slow import SlowSimulation, assert_agrees, leaf_rows, zap_rows
from tests.sim.strategies import LAST_NS, edits, gfns, scenarios

POLICIES = ("per-vcpu", "per-vm")
LOOKUPS = ("per-vcpu:sdm-lookup", "per-vm:srcu-leak:sdm-lookup")
policies = st.sampled_from((*POLICIES, *LOOKUPS, *policy_ids()))


@settings(max_examples=100)
@given(scenarios(), policies)
def test_every_column_agrees_with_the_slow_simulator(scenario: Scenario, policy: str):
    assert_agrees(simulate(scenario, policy), SlowSimulation(scenario, policy).run())


@st.composite
def edited(draw: st.DrawFn) -> tuple[Scenario, list[tuple[Scenario, int]]]:
    first = draw(scenarios())
    steps: list[tuple[Scenario, int]] = []
    for _ in range(draw(st.integers(1, 3))):
        steps.append(draw(edits(steps[-1][0] if steps else first)))
    return first, steps


def assert_equal_runs(run: Run, expected: Run) -> None:
    assert leaf_rows(run) == leaf_rows(expected)
    assert zap_rows(run) == zap_rows(expected)
    assert run.zaps.cycles.tolist() == expected.zaps.cycles.tolist()
    assert len(run.snapshots.machines) == len(expected.snapshots.machines)
    assert figures(run) == figures(expected)


@settings(max_examples=100)
@given(edited(), policies)
def test_going_on_from_an_edit_equals_starting_anew(story, policy: str):
    first, steps = story
    run = simulate(first, policy)
    for scenario, since_ns in steps:
        run = simulate(scenario, policy, base=run, since_ns=since_ns)
        assert_equal_runs(run, simulate(scenario, policy))


@settings(max_examples=40)
@given(scenarios(), policies, st.integers(0, LAST_NS + 20))
def test_going_on_from_any_time_equals_starting_anew(scenario: Scenario, policy: str, since: int):
    run = simulate(scenario, policy)
    assert_equal_runs(simulate(scenario, policy, base=run, since_ns=since), run)


def registers(machine, vcpus: int) -> list[object]:
    known = (0x200, 0x201, 0x202, 0x203, 0x250, 0x258, 0x268, 0x277, 0x2FF)
    return [
        machine.noncoherent_dma,
        *(machine.cr0(vcpu) for vcpu in range(vcpus)),
        *(machine.read_msr(vcpu, msr) for vcpu in range(vcpus) for msr in known),
    ]


@settings(max_examples=100)
@given(scenarios(), policies, st.integers(0, LAST_NS + 10), gfns)
def test_state_at_a_time_is_what_brute_force_had_then(scenario, policy, time_ns, gfn):
    state = simulate(scenario, policy).at(time_ns)
    slow = SlowSimulation(scenario, policy).run(until_ns=time_ns)
    alive = [i for i, leaf in enumerate(slow.leaves) if leaf in slow.living()]
    vcpus = scenario.machine.vcpus
    assert state.live_rows.tolist() == alive
    assert registers(state.machine, vcpus) == registers(slow.machine, vcpus)
    covering = [i for i in alive if slow.leaves[i].covers(gfn)]
    assert state.leaf_row(gfn) == (covering[0] if covering else None)
    now = figures_until(state.run, state.time_ns)
    assert now.zap_count == len(slow.zaps)
    assert now.faults == len(slow.leaves)
    assert now.refaults == sum(leaf.refault for leaf in slow.leaves)
    assert now.leaves_dropped == sum(zap.leaves_dropped for zap in slow.zaps)


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=10)
@given(data=st.data())
def test_snapshots_are_taken_often_enough_and_serve_edits(policy: str, data):
    parts = data.draw(st.lists(scenarios(), min_size=1, max_size=1))[0]
    many = tuple(parts.events) * (2 * SNAPSHOT_EVERY // max(1, len(parts.events)) + 1)
    scenario = Scenario(
        name="many",
        title="many",
        machine=parts.machine,
        events=tuple(sorted(many, key=lambda event: event.time_ns)),
        recorded=parts.recorded,
        duration_ns=LAST_NS,
    )
    run = simulate(scenario, policy)
    assert len(run.snapshots.machines) == len(scenario.events) // SNAPSHOT_EVERY + 1
    changed, since_ns = data.draw(edits(scenario))
    again = simulate(changed, policy, base=run, since_ns=since_ns)
    assert_equal_runs(again, simulate(changed, policy))
