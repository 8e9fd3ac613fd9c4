"""The log of register writes, against a machine that is written event by event."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from mtrrviz.analysis.checks.register_log import RegisterLog
from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.scenario.events import REGISTER_KINDS
from mtrrviz.scenario.library import builtin_paths, open_scenario
from mtrrviz.scenario.model import IMPORTED
from mtrrviz.sim import simulate
from mtrrviz.sim.replay import apply_event, new_machine
from tests.sim.strategies import scenarios


def refusal_of(machine, event):
    """Return why the machine refuses a write."""
    try:
        if event.writes_msr:
            machine.copy().write_msr(event.vcpu, event.register, event.value)
        else:
            machine.copy().write_cr0(event.vcpu, event.value)
    except GeneralProtectionFault as fault:
        return fault.reason
    return ""


def check_log(scenario):
    state = simulate(scenario, "per-vcpu").at(scenario.duration_ns)
    machine, assumed = new_machine(scenario.machine, "per-vcpu"), set()
    columns = RegisterLog(state)
    log = iter(columns)
    for index, event in enumerate(scenario.events[: scenario.events_until(state.time_ns)]):
        if event.kind not in REGISTER_KINDS:
            apply_event(machine, event)
            continue
        entry, vcpu = next(log), event.vcpu
        before = machine.mtrr(vcpu).copy()
        assert (entry.index, entry.event) == (index, event)
        assert entry.had_cd == (None if vcpu in assumed else machine.cd(vcpu))
        assert entry.was_enabled == before.enabled
        assert entry.refusal == refusal_of(machine, event)
        apply_event(machine, event)
        if not event.writes_msr:
            (assumed.add if event.origin == IMPORTED else assumed.discard)(vcpu)
            continue
        if entry.refusal:
            assert not entry.changed
            continue
        after, found = machine.mtrr(vcpu), REGISTERS[event.register]
        assert entry.changed == (before.read(event.register) != after.read(event.register))
        assert entry.old_value == before.read(event.register)
        if found.kind in ("base", "mask"):
            spans = tuple(one.variable_ranges()[found.index] for one in (before, after))
            assert entry.ranges(scenario.machine.maxphyaddr) == spans
    assert next(log, None) is None
    for row, entry in enumerate(columns):
        assert columns.was_enabled[row] == entry.was_enabled
        assert columns.had_caches_on[row] == (entry.had_cd is False)
        assert columns.changed[row] == (entry.event.writes_msr and entry.changed)
        assert columns.moment(row) == (entry.index, entry.event.time_ns)
        assert columns.entry(row) == entry


@settings(max_examples=60)
@given(scenarios())
def test_entries_are_what_the_machine_held(scenario):
    check_log(scenario)


@pytest.mark.parametrize("name", sorted(builtin_paths()))
def test_entries_of_the_scenarios_are_what_the_machine_held(name):
    scenario = open_scenario(name)
    if not scenario.machine.is_host:
        check_log(scenario)
