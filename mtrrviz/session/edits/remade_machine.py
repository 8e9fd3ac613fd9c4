"""Giving a scenario another machine: what still makes sense on it stays, the rest is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import number_runs, plural
from mtrrviz.facts.event_words import KIND_WORDS
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.machine_check import check_machine
from mtrrviz.scenario.touches import Touches
from mtrrviz.session.edits.edit import Edit

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Sweep
    from mtrrviz.scenario.view import View


class RemadeMachine(Record):
    """The edit, and in words what it takes out of the scenario; nothing for an empty tuple."""

    edit: Edit
    lost: tuple[str, ...]


def remake_machine(scenario: Scenario, machine: MachineSpec) -> RemadeMachine:
    """Give the scenario another machine; MtrrvizError if it is none that can be.

    Events and touches of vCPUs that are no longer there go, and touches of addresses that its
    address bits do not reach. What the registers make of the rest is for the model to say.
    """
    check_machine(machine)
    lost: list[str] = []
    changed = _without_events(scenario, machine, lost)
    changed = _without_quirk_events(changed, machine, lost)
    changed = _without_sweeps(changed, machine, lost)
    changed = _without_recorded(changed, machine, lost)
    changed = _without_marks(changed, machine, lost)
    # Last: no scenario has an event that cannot happen on its machine.
    changed = replace(changed, machine=_with_known_unknowns(machine), view=_view(scenario, machine))
    return RemadeMachine(Edit("Change the machine", changed, 0, None), tuple(lost))


def _with_known_unknowns(machine: MachineSpec) -> MachineSpec:
    """Drop unknown registers of vCPUs that the new machine does not have."""
    kept = frozenset(one for one in machine.unknown_registers if one[0] < machine.vcpus)
    return (
        machine if kept == machine.unknown_registers else replace(machine, unknown_registers=kept)
    )


def _without_events(scenario: Scenario, machine: MachineSpec, lost: list[str]) -> Scenario:
    gone = [event for event in scenario.events if event.vcpu >= machine.vcpus]
    if not gone:
        return scenario
    vcpus = number_runs(sorted({event.vcpu for event in gone}))
    lost.append(f"{plural(len(gone), 'event')} of vCPU {vcpus}")
    return scenario.with_events(tuple(e for e in scenario.events if e.vcpu < machine.vcpus))


def _without_quirk_events(scenario: Scenario, machine: MachineSpec, lost: list[str]) -> Scenario:
    """Drop events that disable the quirk which a host without self-snoop insists on."""
    kind = EventKind.DISABLE_IGNORE_GUEST_PAT
    gone = 0 if machine.self_snoop else sum(event.kind is kind for event in scenario.events)
    if not gone:
        return scenario
    lost.append(f"{plural(gone, 'event')} for want of self-snoop: {KIND_WORDS[kind]}")
    return scenario.with_events(tuple(e for e in scenario.events if e.kind is not kind))


def _fits(sweep: Sweep, machine: MachineSpec) -> bool:
    end_gfn = 1 << (machine.maxphyaddr - 12)
    return sweep.vcpu < machine.vcpus and sweep.first_gfn + sweep.pages <= end_gfn


def _without_sweeps(scenario: Scenario, machine: MachineSpec, lost: list[str]) -> Scenario:
    kept = tuple(sweep for sweep in scenario.sweeps if _fits(sweep, machine))
    gone = len(scenario.sweeps) - len(kept)
    if not gone:
        return scenario
    lost.append(f"{plural(gone, 'range')} of touches by vCPUs or of addresses that are not there")
    return scenario.with_sweeps(kept)


def _without_recorded(scenario: Scenario, machine: MachineSpec, lost: list[str]) -> Scenario:
    """Leave recorded touches out; the scenario has the others for itself from then on."""
    touches = scenario.recorded
    fits = (touches.vcpu < machine.vcpus) & (
        touches.gfn < np.uint64(1 << (machine.maxphyaddr - 12))
    )
    if fits.all():
        return scenario
    gone = int(np.count_nonzero(~fits))
    lost.append(
        f"{gone:,} recorded {'touch' if gone == 1 else 'touches'} "
        "by vCPUs or of addresses that are not there"
    )
    kept = Touches(
        touches.time_ns[fits], touches.gfn[fits], touches.vcpu[fits], touches.access[fits]
    )
    return replace(scenario, recorded=kept, recording=None)


def _without_marks(scenario: Scenario, machine: MachineSpec, lost: list[str]) -> Scenario:
    """Drop stop conditions and names of vCPUs that are not there, and pages of bookmarks."""
    stops = tuple(s for s in scenario.stops if s.vcpu is None or s.vcpu < machine.vcpus)
    gone = len(scenario.stops) - len(stops)
    if gone:
        lost.append(f"{plural(gone, 'stop condition')} of vCPUs that are not there")
    end_gfn = 1 << (machine.maxphyaddr - 12)
    bookmarks = tuple(
        replace(b, gfn=None) if b.gfn is not None and b.gfn >= end_gfn else b
        for b in scenario.bookmarks
    )
    names = tuple(one for one in scenario.vcpu_names if one.vcpu < machine.vcpus)
    if len(names) < len(scenario.vcpu_names):
        gone = len(scenario.vcpu_names) - len(names)
        lost.append(f"{plural(gone, 'name')} of vCPUs that are not there")
    return replace(scenario, stops=stops, bookmarks=bookmarks, vcpu_names=names)


def _view(scenario: Scenario, machine: MachineSpec) -> View:
    """Return the opening view without a vCPU or page that is not there."""
    view = scenario.view
    if view.vcpu is not None and view.vcpu >= machine.vcpus:
        view = replace(view, vcpu=None)
    if view.gfn is not None and view.gfn >> (machine.maxphyaddr - 12):
        view = replace(view, gfn=None)
    return view
