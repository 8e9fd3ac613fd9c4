"""Edits of a scenario: each is a label and the scenario after it. Nothing is changed in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import CR0_CD, CR0_NW, DEFTYPE, MTRR_ENABLE_BIT, register
from mtrrviz.core.units import format_gpa
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_kind import as_guest, as_host
from mtrrviz.scenario.model import USER, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.view import View

#: Time between the steps of a sequence, so that each can be seen on its own.
STEP_NS = 1_000


@dataclass(frozen=True)
class Edit:
    """A finished edit: what to call it, the scenario after it, and which times it concerns.

    Nothing before ``since_ns`` is different; ``until_ns`` is when its last event has happened,
    None where the time shown should stay.
    """

    label: str
    scenario: Scenario
    since_ns: int
    until_ns: int | None


@dataclass(frozen=True)
class RegisterWrite:
    """One register value to write."""

    msr: int
    value: int


def write_registers(
    scenario: Scenario, time_ns: int, vcpus: Sequence[int], writes: Sequence[RegisterWrite]
) -> Edit:
    """Write registers on one or more vCPUs at one time, as bare WRMSRs."""
    events = [
        Event(time_ns, EventKind.WRMSR, vcpu, write.msr, write.value, USER)
        for vcpu in vcpus
        for write in writes
    ]
    return _inserting(scenario, _write_label(vcpus, writes), events)


def write_as_kernel(
    scenario: Scenario,
    time_ns: int,
    machine: Machine,
    vcpus: Sequence[int],
    writes: Sequence[RegisterWrite],
) -> Edit:
    """Write registers as Linux does on each CPU in turn (``cache_disable``/``cache_enable``).

    CD=1, MTRRs off, the writes, MTRRs on with the default type wanted, CD=0. ``machine`` is the
    state at ``time_ns``; a write of the default-type register becomes the last step's value.
    """
    events: list[Event] = []
    for vcpu in vcpus:
        steps = _kernel_steps(machine, vcpu, writes)
        start_ns = time_ns + len(events) * STEP_NS
        events.extend(_at_steps(steps, vcpu, start_ns))
    return _inserting(scenario, _write_label(vcpus, writes) + " as a kernel does", events)


def _kernel_steps(
    machine: Machine, vcpu: int, writes: Sequence[RegisterWrite]
) -> list[tuple[EventKind, int, int]]:
    """Return (kind, register, value) of the steps on one vCPU."""
    cr0 = machine.cr0(vcpu)
    wanted = {write.msr: write.value for write in writes}
    def_type = wanted.pop(DEFTYPE, machine.read_msr(vcpu, DEFTYPE))
    return [
        (EventKind.MOV_CR0, 0, cr0 | CR0_CD),
        (EventKind.WRMSR, DEFTYPE, def_type & ~MTRR_ENABLE_BIT),
        *((EventKind.WRMSR, msr, value) for msr, value in wanted.items()),
        (EventKind.WRMSR, DEFTYPE, def_type),
        (EventKind.MOV_CR0, 0, _with_cd(cr0, False)),
    ]


def _at_steps(
    steps: Iterable[tuple[EventKind, int, int]], vcpu: int, start_ns: int
) -> Iterable[Event]:
    for number, (kind, msr, value) in enumerate(steps):
        yield Event(start_ns + number * STEP_NS, kind, vcpu, msr, value, USER)


def set_cache_disable(
    scenario: Scenario, time_ns: int, machine: Machine, vcpus: Sequence[int], *, disable: bool
) -> Edit:
    """Set or clear CR0.CD of vCPUs; the other bits of CR0 stay."""
    events = [
        Event(time_ns, EventKind.MOV_CR0, vcpu, 0, _with_cd(machine.cr0(vcpu), disable), USER)
        for vcpu in vcpus
    ]
    return _inserting(scenario, f"Set CR0.CD={int(disable)} on {_vcpu_words(vcpus)}", events)


def _with_cd(cr0: int, disable: bool) -> int:
    # NW=1 needs CD=1 (SDM 2.5): RESET sets both, so clearing CD alone would fault.
    return cr0 | CR0_CD if disable else cr0 & ~(CR0_CD | CR0_NW)


def attach_dma(scenario: Scenario, time_ns: int) -> Edit:
    """Let a device with non-coherent DMA join."""
    event = Event(time_ns, EventKind.DMA_ATTACH, origin=USER)
    return _inserting(scenario, "Attach a non-coherent DMA device", [event])


def detach_dma(scenario: Scenario, time_ns: int, count: int = 1) -> Edit:
    """Let ``count`` devices with non-coherent DMA leave."""
    event = Event(time_ns, EventKind.DMA_DETACH, origin=USER)
    label = "Detach the non-coherent DMA device" if count == 1 else "Detach all non-coherent DMA"
    return _inserting(scenario, label, [event] * count)


def change_machine(scenario: Scenario, machine: MachineSpec) -> Edit:
    """Give the scenario another machine; its events stay."""
    return Edit("Change the machine", replace(scenario, machine=machine), 0, None)


def seen_as_other_kind(scenario: Scenario) -> Edit:
    """Show a real machine as a KVM guest with a non-coherent device, or such a guest as a host."""
    if scenario.machine.is_host:
        label = "See the real machine as a KVM guest"
        return Edit(label, as_guest(scenario), 0, None)
    return Edit("See the real machine as it is", as_host(scenario), 0, None)


def open_here(scenario: Scenario, view: View) -> Edit:
    """Let the scenario open with ``view`` from now on; nothing that happens in it changes."""
    changed = replace(scenario, view=view)
    return Edit("Let the scenario open as it is shown now", changed, scenario.duration_ns, None)


def remove_event(scenario: Scenario, index: int) -> Edit:
    """Take the event at ``index`` out."""
    event = scenario.events[index]
    return Edit(
        f"Remove {event.kind} at {event.time_ns / 1e9:.6f} s",
        scenario.removing(index),
        event.time_ns,
        event.time_ns,
    )


def change_event(scenario: Scenario, index: int, value: int) -> Edit:
    """Let the event at ``index`` write ``value`` instead."""
    event = scenario.events[index]
    return Edit(
        f"Change {event.kind} at {event.time_ns / 1e9:.6f} s to {format_gpa(value)}",
        scenario.changing(index, value),
        event.time_ns,
        event.time_ns,
    )


def _inserting(scenario: Scenario, label: str, events: Sequence[Event]) -> Edit:
    """Return the edit that inserts ``events``, of which there is at least one."""
    for event in events:
        scenario = scenario.inserting(event)
    return Edit(label, scenario, events[0].time_ns, events[-1].time_ns)


def _write_label(vcpus: Sequence[int], writes: Sequence[RegisterWrite]) -> str:
    if len(writes) == 1:
        what = f"{register(writes[0].msr).name} = {format_gpa(writes[0].value)}"
    else:
        what = " and ".join(register(write.msr).name for write in writes)
    return f"Write {what} on {_vcpu_words(vcpus)}"


def _vcpu_words(vcpus: Sequence[int]) -> str:
    return f"vCPU {vcpus[0]}" if len(vcpus) == 1 else f"{len(vcpus)} vCPUs"
