"""Applying a scenario's events to a Machine: the one place where events become register writes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.machine import Machine
from mtrrviz.core.msr.registers import mtrr_msrs
from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import plural
from mtrrviz.scenario.event_columns import kind_flags
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.sim.quiet_writes import QUIET_KINDS, write_all

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario

# Kinds are told apart by `is`: to look one up in a set is to hash a word for each event.

#: Events between two snapshots of the machine where writes may zap, of a scenario with few events.
SNAPSHOT_EVERY = 16
#: With each doubling of the events from here on the snapshots are twice as far apart.
_FAR_APART_FROM = 1 << 14
#: From so many on, events are done together where none of them zaps.
FEW_EVENTS = 64
_QUIET = kind_flags(QUIET_KINDS)

GfnRanges = Sequence[tuple[int, int]]


def new_machine(spec: MachineSpec, policy: Policy | str) -> Machine:
    """Return the machine before the first event: RESET done, devices attached, nothing mapped."""
    machine = Machine(
        spec.vcpus,
        policy,
        maxphyaddr=spec.maxphyaddr,
        has_mtrr=spec.has_mtrr,
        cd_nw_quirk=spec.cd_nw_quirk,
        self_snoop=spec.self_snoop,
        ignore_guest_pat=spec.ignore_guest_pat,
        slots=[(region.first_gfn, region.end_gfn) for region in spec.slots],
        pairs=spec.variable_pairs,
        has_dram_bits=spec.has_dram_bits,
        tom2_end=spec.tom2_end if spec.is_host else 0,
        unknown=_unknown_of(spec),
    )
    for _ in range(spec.noncoherent_dma):
        machine.attach_noncoherent_dma()
    return machine


def _unknown_of(spec: MachineSpec) -> list[tuple[int, int]]:
    """Return the unknown registers among those that the machine has."""
    msrs = mtrr_msrs(spec.variable_pairs)
    return [(vcpu, msr) for vcpu, msr in spec.unknown_registers if msr in msrs]


def apply_event(machine: Machine, event: Event) -> GfnRanges:
    """Apply ``event`` and return the gfn ranges that KVM zaps for it.

    A write that KVM refuses changes nothing and zaps nothing, as in the guest, which sees #GP.
    """
    return apply(machine, event.kind, event.vcpu, event.register, event.value)


def apply(machine: Machine, kind: EventKind, vcpu: int, register: int, value: int) -> GfnRanges:
    """Apply an event that is given by its parts, as :func:`apply_event` does."""
    try:
        if kind is EventKind.WRMSR or kind is EventKind.VMM_WRMSR:
            return machine.write_msr(vcpu, register, value)
        if kind is EventKind.MOV_CR0:
            return machine.write_cr0(vcpu, value)
    except GeneralProtectionFault:
        return ()
    return machine.init(vcpu) if kind is EventKind.INIT else _done_by_vmm(machine, kind)


def _done_by_vmm(machine: Machine, kind: EventKind) -> GfnRanges:
    """Do what concerns the whole VM; what is impossible there and then is refused and ignored."""
    match kind:
        case EventKind.DMA_ATTACH:
            return machine.attach_noncoherent_dma()
        case EventKind.DMA_DETACH if machine.noncoherent_dma:
            return machine.detach_noncoherent_dma()
        case EventKind.DISABLE_CD_NW_QUIRK:
            return machine.disable_cd_nw_quirk()
        case EventKind.DISABLE_IGNORE_GUEST_PAT if machine.self_snoop:
            return machine.disable_ignore_guest_pat()
        case _:
            return ()


def snapshot_distance(events: int) -> int:
    """Return how many events lie between two snapshots where writes may zap.

    A machine is some dozen objects: by the ten thousand they take memory, and each collection of
    garbage goes through all of them. To do a hundred events again takes a tenth of a millisecond.
    """
    return SNAPSHOT_EVERY << (events // _FAR_APART_FROM).bit_length()


class Snapshots(Record):
    """Copies of the machine before some of the events, whose ``indices`` ascend from 0.

    Where writes may zap they are :func:`snapshot_distance` events apart, elsewhere further.
    """

    spec: MachineSpec
    indices: tuple[int, ...]
    machines: tuple[Machine, ...]

    def __repr__(self) -> str:
        return f"<Snapshots: {plural(len(self.machines), 'machine')}>"

    def before(self, events: EventList, index: int) -> Machine:
        """Return a machine of the caller's own, as it is before ``events[index]``."""
        slot = bisect_right(self.indices, index) - 1
        machine = self.machines[slot].copy()
        advance(machine, self.spec, events[self.indices[slot] : index])
        return machine


def advance(machine: Machine, spec: MachineSpec, events: EventList) -> None:
    """Let events happen to a machine, whatever they zap."""
    start = 0
    if len(events) >= FEW_EVENTS:
        for stop in (*loud_rows(events), len(events)):
            if stop - start >= FEW_EVENTS and not zaps_on_writes(machine):
                write_all(machine, spec, events[start:stop])
                start = stop
            for event in events[start : stop + 1]:
                apply_event(machine, event)
            start = stop + 1
        return
    for event in events:
        apply_event(machine, event)


def zaps_on_writes(machine: Machine) -> bool:
    """Whether writes of registers may zap, as devices are at present."""
    return machine.policy.may_zap_on_writes(machine.noncoherent_dma > 0)


def loud_rows(events: EventList) -> list[int]:
    """Return the indices of the events that are never done together with others."""
    return np.flatnonzero(~_QUIET[events.kind]).tolist()


def machine_at(scenario: Scenario, policy: str | Policy, time_ns: int) -> Machine:
    """Return a scenario's machine after all events up to and at a time, without its EPT."""
    machine = new_machine(scenario.machine, policy)
    advance(machine, scenario.machine, scenario.events[: scenario.events_until(time_ns)])
    return machine
