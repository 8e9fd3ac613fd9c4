"""Conditions on registers, found by replaying the events once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mtrrviz.facts.expected import expected_for
from mtrrviz.scenario.events import EventKind
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.sim.run import Run


def machine_steps(run: Run) -> Iterator[tuple[int, Machine]]:
    """Yield each time at which events happen, with the machine after all events of that time.

    It is one machine that goes on: whoever keeps something of it copies that.
    """
    machine = new_machine(run.scenario.machine, run.policy)
    happening = (event for event in run.scenario.events if event.kind is not EventKind.NOTE)
    for time_ns, events in itertools.groupby(happening, key=lambda event: event.time_ns):
        for event in events:
            apply_event(machine, event)
        yield time_ns, machine


def vcpus_differing(_stop: StopCondition, run: Run) -> Iterator[int]:
    """Yield when vCPUs begin to have different MTRRs, and when they cease to."""
    vcpus = range(run.scenario.machine.vcpus)
    differed = _differ(new_machine(run.scenario.machine, run.policy), vcpus)
    for time_ns, machine in machine_steps(run):
        differ = _differ(machine, vcpus)
        if differ != differed:
            yield time_ns
        differed = differ


def _differ(machine: Machine, vcpus: range) -> bool:
    """Return whether not all vCPUs have the same MTRRs; the PAT is none."""
    return len({_mtrrs(machine, vcpu) for vcpu in vcpus}) > 1


def _mtrrs(machine: Machine, vcpu: int) -> tuple[object, ...]:
    def_type, _pat, *others = machine.mtrr(vcpu).contents()
    return def_type, *others


def fault_type_changes(stop: StopCondition, run: Run) -> Iterator[int]:
    """Yield when a fault by the vCPU would begin to get another type on some page of the range."""
    spec = run.scenario.machine
    if stop.gfns is None or stop.vcpu is None or stop.vcpu >= spec.vcpus:
        return
    known = expected_for(new_machine(spec, run.policy), stop.vcpu, spec)
    for time_ns, machine in machine_steps(run):
        expected = expected_for(machine, stop.vcpu, spec)
        if expected is not known:
            if expected.spans(*stop.gfns) != known.spans(*stop.gfns):
                yield time_ns
            known = expected
