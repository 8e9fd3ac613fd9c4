"""Writes planned in the register view: the edit that makes them, and what it will zap."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.kvm_rules.vm_view import zaps_all
from mtrrviz.core.msr.registers import CR0_CD, CR0_ID, PAT, register
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import Scenario
from mtrrviz.session.edits import (
    Edit,
    RegisterWrite,
    set_cache_disable,
    write_as_kernel,
    write_registers,
)
from mtrrviz.sim.replay import apply_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from mtrrviz.core.kvm_rules.policy import GfnRange
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.sim.run import State


class WritePlan(Record):
    """Which registers get which values on which vCPUs, bare or in the kernel's sequence."""

    vcpus: tuple[int, ...]
    writes: tuple[RegisterWrite, ...]
    as_kernel: bool = False


class Preview(Record):
    """What a plan will do: the zaps in order, and why some writes make none, each reason once."""

    zaps: tuple[GfnRange, ...]
    reasons: tuple[str, ...]


def plan_edit(scenario: Scenario, time_ns: int, machine: Machine, plan: WritePlan) -> Edit:
    """Return the edit that makes the plan's writes at a time; ``machine`` is the state then.

    Raises GeneralProtectionFault if KVM would refuse one of the values; nothing is made then.
    """
    _check(machine, plan)
    return _edit(scenario, time_ns, machine, plan)


def _check(machine: Machine, plan: WritePlan) -> None:
    for write in plan.writes:
        machine.mtrr(0).check_write(write.msr, write.value)


def _edit(scenario: Scenario, time_ns: int, machine: Machine, plan: WritePlan) -> Edit:
    """Return the edit that makes the writes of a plan, whose values were checked."""
    first = plan.writes[0]
    if first.msr == CR0_ID:
        disable = bool(first.value & CR0_CD)
        return set_cache_disable(scenario, time_ns, machine, plan.vcpus, disable=disable)
    if plan.as_kernel:
        return write_as_kernel(scenario, time_ns, machine, plan.vcpus, plan.writes)
    return write_registers(scenario, time_ns, plan.vcpus, plan.writes)


def preview(machine: Machine, spec: MachineSpec, plan: WritePlan) -> Preview:
    """Return what the plan will zap, tried on a copy of the machine.

    Raises GeneralProtectionFault as :func:`plan_edit` does.
    """
    _check(machine, plan)
    twin = machine.copy()
    zaps: list[GfnRange] = []
    reasons: dict[str, None] = {}
    for event in _events(machine, spec, plan):
        found, reason = _try(twin, event)
        zaps.extend(found)
        if reason:
            reasons.setdefault(reason)
    return Preview(tuple(zaps), tuple(reasons))


def machine_after(machine: Machine, spec: MachineSpec, plan: WritePlan) -> Machine:
    """Return a copy of the machine on which the plan's writes are made.

    Raises GeneralProtectionFault as :func:`plan_edit` does.
    """
    _check(machine, plan)
    twin = machine.copy()
    for event in _events(machine, spec, plan):
        apply_event(twin, event)
    return twin


def _events(machine: Machine, spec: MachineSpec, plan: WritePlan) -> Iterator[Event]:
    """Return the events of a plan in order, made on an empty scenario one vCPU at a time."""
    blank = Scenario("", "", spec)
    for vcpu in plan.vcpus:
        alone = replace(plan, vcpus=(vcpu,))
        yield from _edit(blank, 0, machine, alone).scenario.events


def _try(machine: Machine, event: Event) -> tuple[list[GfnRange], str]:
    """Apply an event and return its zaps, or why there are none."""
    had_cd, bad_zaps = machine.cd(event.vcpu), machine.bad_zaps
    found = list(apply_event(machine, event))
    if found:
        return found, ""
    if machine.bad_zaps > bad_zaps:
        return [], "the range KVM computes is empty (the mask was never written)"
    if event.kind is EventKind.MOV_CR0:
        return [], _quiet_cr0(machine, event.vcpu, had_cd=had_cd)
    return [], _quiet_write(machine, event.vcpu, event.register)


def _quiet_cr0(machine: Machine, vcpu: int, *, had_cd: bool) -> str:
    """Say why a CR0 write zaps nothing; ``had_cd`` is CD before it."""
    if machine.cd(vcpu) == had_cd:
        return "CR0.CD does not change"
    if not machine.noncoherent_dma:
        return _NO_DMA
    if machine.cd_nw_quirk:
        return "CR0.CD: the CD_NW quirk is on"
    return _ignored(machine, vcpu, "CR0.CD")


def _quiet_write(machine: Machine, vcpu: int, msr: int) -> str:
    """Say why an MSR write zaps nothing, from the state after it."""
    state = machine.mtrr(vcpu)
    if msr == PAT:
        return "a PAT write never zaps"
    if not machine.noncoherent_dma:
        return _NO_DMA
    if state.zap_range(msr) is not None:
        return _ignored(machine, vcpu, "MTRR")
    if not state.enabled:
        return "E = 0: the MTRRs are off"
    return "FE = 0: the fixed ranges are off"


_NO_DMA = "no non-coherent DMA: guest MTRRs have no effect"


def _ignored(machine: Machine, vcpu: int, what: str) -> str:
    who = f"vCPU {vcpu}'s" if vcpu == 0 else "the other vCPUs'"
    if machine.policy.mtrr_owner(vcpu) == vcpu:
        who = "these"
    return f"policy {machine.policy.id} does not zap for {who} {what} writes"


def zap_words(zaps: Iterable[GfnRange]) -> str:
    """Return the zaps in words with equal ones counted: "all memory, 3 times"."""
    return "; ".join(_counted(span, count) for span, count in Counter(zaps).items())


def _counted(span: GfnRange, count: int) -> str:
    return span_words(span) + ("" if count == 1 else f", {count} times")


def span_words(span: GfnRange) -> str:
    """Return one zap's range: "all memory" or "0x8000_0000-0xffff_ffff (2 GiB)"."""
    start, end = (gfn << PAGE_SHIFT for gfn in span)
    if zaps_all((span,)):
        return "all memory"
    return f"{format_gpa(start)}-{format_gpa(end - 1)} ({format_size(end - start)})"


def leaves_hit(state: State, zaps: Iterable[GfnRange]) -> int:
    """Return how many leaves that are there now the zaps would drop."""
    return len(rows_hit(state, zaps))


def rows_hit(state: State, zaps: Iterable[GfnRange]) -> NDArray[np.intp]:
    """Return the rows of the leaves that are there now and that the zaps would drop."""
    leaves, rows = state.run.leaves, state.live_rows
    first = leaves.first_gfn[rows]
    last = first + leaves.pages[rows] - np.uint64(1)
    hit = np.zeros(len(rows), np.bool_)
    for start, end in dict.fromkeys(zaps):
        hit |= (first < np.uint64(end)) & (last >= np.uint64(start))
    return rows[hit]


def can_go_as_kernel(msr: int) -> bool:
    """Whether the kernel's MTRR sequence may carry this register: MTRRs and PAT, not CR0."""
    return msr != CR0_ID and register(msr).is_writable
