"""Applying a scenario's events to a Machine: the one place where events become register writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.machine import Machine
from mtrrviz.core.msr.registers import REGISTERS, mtrr_msrs
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.sim.tables import ZapCause

if TYPE_CHECKING:
    from mtrrviz.core.policy import Policy
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario

#: Events between two snapshots of the machine; a seek replays at most that many.
SNAPSHOT_EVERY = 16

GfnRanges = Sequence[tuple[int, int]]
_CAUSES = {
    "deftype": ZapCause.DEF_TYPE,
    "fixed": ZapCause.FIXED,
    "base": ZapCause.VARIABLE,
    "mask": ZapCause.VARIABLE,
}


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
    try:
        return _accepted(machine, event)
    except GeneralProtectionFault:
        return ()


def _accepted(machine: Machine, event: Event) -> GfnRanges:
    match event.kind:
        case EventKind.WRMSR | EventKind.VMM_WRMSR:
            return machine.write_msr(event.vcpu, event.register, event.value)
        case EventKind.MOV_CR0:
            return machine.write_cr0(event.vcpu, event.value)
        case EventKind.INIT:
            return machine.init(event.vcpu)
        case EventKind.DMA_ATTACH:
            return machine.attach_noncoherent_dma()
        case EventKind.DMA_DETACH if machine.noncoherent_dma:
            return machine.detach_noncoherent_dma()
        case _:
            return ()


def cause_of(event: Event) -> ZapCause:
    """Return why a zap that ``event`` made was made."""
    if event.kind is EventKind.MOV_CR0 or event.kind is EventKind.INIT:
        return ZapCause.CR0_CD
    if event.writes_msr:
        return _CAUSES[REGISTERS[event.register].kind]
    return ZapCause.DMA


@dataclass(frozen=True)
class Snapshots:
    """Copies of the machine before every :data:`SNAPSHOT_EVERY`-th event."""

    machines: tuple[Machine, ...]

    def before(self, events: Sequence[Event], index: int) -> Machine:
        """Return a machine of the caller's own, as it is before ``events[index]``."""
        slot = min(index // SNAPSHOT_EVERY, len(self.machines) - 1)
        machine = self.machines[slot].copy()
        for event in events[slot * SNAPSHOT_EVERY : index]:
            apply_event(machine, event)
        return machine


def machine_at(scenario: Scenario, policy: str | Policy, time_ns: int) -> Machine:
    """Return a scenario's machine after all events up to and at a time, without its EPT."""
    machine = new_machine(scenario.machine, policy)
    for event in scenario.events[: scenario.events_until(time_ns)]:
        apply_event(machine, event)
    return machine
