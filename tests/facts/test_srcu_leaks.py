"""The locks left held are the faults whose lookup ends early, counted one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from mtrrviz.facts.boot.srcu_leaks import leak_times
from mtrrviz.facts.figures import figures, figures_until
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import Run, simulate
from mtrrviz.sim.replay import apply_event, new_machine
from tests.sim.strategies import scenarios

if TYPE_CHECKING:
    from mtrrviz.scenario import Scenario

LEAK = "per-vm:srcu-leak"


def slow_times(run: Run) -> list[int]:
    """Ask the machine of the moment about every fault."""
    spec, leaves = run.scenario.machine, run.leaves
    machine, events = new_machine(spec, run.policy), list(run.scenario.events)
    times: list[int] = []
    for row in range(len(leaves)):
        born_ns = int(leaves.born_ns[row])
        while events and events[0].time_ns <= born_ns:
            apply_event(machine, events.pop(0))
        region = spec.region_at(int(leaves.first_gfn[row]))
        is_ram = region is not None and region.kind.value != "passthrough"
        if is_ram and machine.leaks_srcu(int(leaves.vcpu[row]), int(leaves.first_gfn[row])):
            times.append(born_ns)
    return times


@settings(max_examples=40)
@given(scenarios())
def test_every_leaf_is_asked_about(scenario: Scenario) -> None:
    run = simulate(scenario, LEAK)
    small = run.leaves.level == 1
    if small.all():
        assert leak_times(run).tolist() == slow_times(run)


def test_the_teaching_scenario_leaves_locks_held() -> None:
    """4 MiB of UC over WB and 2 MiB of WP under WC at first, later 928 pages of UC below WB."""
    run = simulate(open_scenario("kvm-and-manual"), LEAK)
    assert leak_times(run).tolist() == slow_times(run)
    assert figures_until(run, 500_000_000).srcu_leaks == 1024 + 512
    assert figures(run).srcu_leaks == 1024 + 512 + 928 + 512


@pytest.mark.parametrize("policy", ["per-vm", "per-vcpu", f"{LEAK}:sdm-lookup"])
def test_without_the_switch_and_without_the_walk_none_are(policy: str) -> None:
    run = simulate(open_scenario("kvm-and-manual"), policy)
    assert figures(run).srcu_leaks == 0
