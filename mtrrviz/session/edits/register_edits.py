"""Edits that write registers: MSRs and CR0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import CR0_CD, CR0_NW, DEFTYPE, MTRR_ENABLE_BIT, register
from mtrrviz.core.record import Record
from mtrrviz.core.units import format_gpa
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import USER, Scenario
from mtrrviz.session.edits.edit import Edit, inserting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.core.machine import Machine

#: Time between the steps of a sequence, so that each can be seen on its own.
STEP_NS = 1_000


class RegisterWrite(Record):
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
    return inserting(scenario, _write_label(vcpus, writes), events)


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
    return inserting(scenario, _write_label(vcpus, writes) + " as a kernel does", events)


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
    return inserting(scenario, f"Set CR0.CD={int(disable)} on {_vcpu_words(vcpus)}", events)


def _with_cd(cr0: int, disable: bool) -> int:
    # NW=1 needs CD=1 (SDM 2.5): RESET sets both, so clearing CD alone would fault.
    return cr0 | CR0_CD if disable else cr0 & ~(CR0_CD | CR0_NW)


def _write_label(vcpus: Sequence[int], writes: Sequence[RegisterWrite]) -> str:
    if len(writes) == 1:
        what = f"{register(writes[0].msr).name} = {format_gpa(writes[0].value)}"
    else:
        what = " and ".join(register(write.msr).name for write in writes)
    return f"Write {what} on {_vcpu_words(vcpus)}"


def _vcpu_words(vcpus: Sequence[int]) -> str:
    return f"vCPU {vcpus[0]}" if len(vcpus) == 1 else f"{len(vcpus)} vCPUs"
