"""Explain one page: what is mapped, what a fault would map, and the rules that say so.

The chain follows vmx_get_mt_mask and kvm_mtrr_get_guest_memory_type. What depends on the KVM
version is asked of the policy, so a new one is explained without a change here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.analysis.explaining.explanation import (
    Explanation,
    FaultLeaf,
    MappedLeaf,
    PageHistory,
    Step,
)
from mtrrviz.analysis.explaining.hardware_step import hardware_step, hardware_type
from mtrrviz.analysis.explaining.host_steps import host_region_step, register_steps
from mtrrviz.analysis.explaining.level_steps import largest_level, level_steps
from mtrrviz.analysis.explaining.mtrr_steps import mtrr_steps
from mtrrviz.analysis.explaining.override_steps import override_steps
from mtrrviz.analysis.explaining.pat_table import LINUX_PAT, PatTable
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import PAT
from mtrrviz.core.sdm.hardware import hardware_type as mtrr_type
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.core.wording.words import leaf_words, result_words
from mtrrviz.facts.stale import is_stale
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.sdm.hardware import HostType
    from mtrrviz.scenario.machine_spec import MachineSpec, Region
    from mtrrviz.sim.run import Run, State
    from mtrrviz.sim.tables import LeafTable


def explain(state: State, gfn: int, vcpu: int) -> Explanation:
    """Return why a fault of ``vcpu`` on page ``gfn`` gets its leaf in this state.

    On a real machine, and where KVM makes no leaf, why the page has the type of the MTRRs.

    Raises MtrrvizError if the machine has no such page or vCPU.
    """
    spec = state.run.scenario.machine
    _check(gfn, vcpu, spec)
    region = spec.region_at(gfn)
    next_fault = next_fault_leaf(state, gfn, vcpu)
    leaf = mapped_leaf(state, gfn)
    row = state.leaf_row(gfn)
    mtrr = mtrr_type(state.machine, vcpu, gfn)
    return Explanation(
        gfn=gfn,
        vcpu=vcpu,
        time_ns=state.time_ns,
        policy_id=state.run.policy.id,
        region=region,
        steps=tuple(_steps(state, region, gfn, vcpu)),
        leaf=leaf,
        next_fault=next_fault,
        stale=row is not None and is_stale(state, vcpu, row),
        history=page_history(state.run, gfn, state.time_ns),
        pat=_pat_table(state, vcpu, leaf, next_fault, mtrr),
        hardware=mtrr.memory_type if spec.is_host else hardware_type(state.machine, gfn, vcpu),
        mtrr=mtrr,
        is_host=spec.is_host,
    )


def _pat_table(
    state: State, vcpu: int, leaf: MappedLeaf | None, next_fault: FaultLeaf | None, mtrr: HostType
) -> PatTable:
    """Return what the PAT makes of the leaves, or where there can be none, of the MTRRs' type."""
    mtrrs = state.machine.mtrr(vcpu)
    is_told = PAT not in mtrrs.unknown
    return PatTable(
        vcpu,
        mtrrs.read(PAT) if is_told else LINUX_PAT,
        leaf and (leaf.type, leaf.ipat),
        next_fault and (next_fault.type, next_fault.ipat),
        None if leaf or next_fault else mtrr,
        is_told=is_told,
        is_host=state.run.scenario.machine.is_host,
    )


def _check(gfn: int, vcpu: int, spec: MachineSpec) -> None:
    """Raise MtrrvizError for a page or a vCPU that the machine does not have."""
    whose, noun = ("machine", "CPU") if spec.is_host else ("guest", "vCPU")
    limit = 1 << (spec.maxphyaddr - PAGE_SHIFT)
    if not 0 <= gfn < limit:
        raise MtrrvizError(
            f"{format_gpa(gfn << PAGE_SHIFT)} is beyond this {whose}'s physical addresses"
            f" (expected one below {format_gpa(limit << PAGE_SHIFT)}, {spec.maxphyaddr} bits)"
        )
    if not 0 <= vcpu < spec.vcpus:
        raise MtrrvizError(f"no {noun} {vcpu}: this machine has 0 to {spec.vcpus - 1}")


def next_fault_leaf(state: State, gfn: int, vcpu: int) -> FaultLeaf | None:
    """Return the leaf a fault by ``vcpu`` would make now, None where there is no memory slot."""
    spec = state.run.scenario.machine
    region = spec.region_at(gfn)
    if region is None or not region.has_slot or spec.is_host:
        return None
    kind, ipat = state.machine.leaf(vcpu, gfn, _is_host_mmio(region))
    allowed = state.machine.max_level(vcpu, gfn)
    return FaultLeaf(kind, ipat, min(allowed, largest_level(region, gfn), spec.host_level))


def mapped_leaf(state: State, gfn: int) -> MappedLeaf | None:
    """Return the leaf that covers the page now, or None."""
    row = state.leaf_row(gfn)
    if row is None:
        return None
    return MappedLeaf(*(int(column[row]) for column in leaf_columns(state.run.leaves)))


def leaf_columns(leaves: LeafTable) -> tuple[NDArray[Any], ...]:
    """Return the columns that the fields of a :class:`MappedLeaf` come from, in their order."""
    return leaves.first_gfn, leaves.level, leaves.bits, leaves.vcpu, leaves.born_ns


def page_history(run: Run, gfn: int, time_ns: int) -> PageHistory:
    """Return what happened to a page up to and at ``time_ns``."""
    leaves, zaps = run.leaves, run.zaps
    rows = leaves.rows_at(gfn)
    rows = rows[leaves.born_ns[rows] <= np.int64(time_ns)]
    dropped = (leaves.zap[rows] >= 0) & (leaves.died_ns[rows] <= np.int64(time_ns))
    hits = np.flatnonzero(zaps.intersecting(gfn)[: zaps.until(time_ns)])
    last = int(hits[-1]) if len(hits) else None
    return PageHistory(
        faults=len(rows),
        refaults=int(np.count_nonzero(leaves.refault[rows])),
        zaps=len(hits),
        drops=int(np.count_nonzero(dropped)),
        last_zap_ns=None if last is None else int(zaps.time_ns[last]),
        last_zap_vcpu=None if last is None else int(zaps.vcpu[last]),
    )


def _is_host_mmio(region: Region) -> bool:
    return region.kind is RegionKind.PASSTHROUGH


def _steps(state: State, region: Region | None, gfn: int, vcpu: int) -> list[Step]:
    """Return the chain, up to the rule that decides and then the leaf that comes of it.

    On a real machine, and where there can be no leaf, it is about the MTRRs' type alone.
    """
    machine = state.machine
    if state.run.scenario.machine.is_host:
        return [host_region_step(region), *register_steps(machine, gfn, vcpu)]
    first = _region_step(region)
    if region is None or not region.has_slot:
        return [first, *register_steps(machine, gfn, vcpu)]
    kind, ipat = machine.leaf(vcpu, gfn, _is_host_mmio(region))
    result = Step("result", result_words(kind, ipat))
    levels = level_steps(machine, state.run.scenario.machine, region, gfn, vcpu)
    rules = _type_steps(machine, region, gfn, vcpu)
    return [first, *rules, result, hardware_step(machine, gfn, vcpu, kind), *levels]


def _region_step(region: Region | None) -> Step:
    """Say what backs the page, and if so that there is no slot."""
    if region is None:
        text = "no region of the machine holds this page: no memory slot, so never a leaf"
        return Step("region", text)
    what = f"{region.name}, {format_gpa(region.start)} to {format_gpa(region.end - 1)}"
    text = f"{what}: {_BACKING[region.kind]}"
    gfns = (region.first_gfn, region.end_gfn)
    return Step("region", text, gfns=gfns)


_BACKING = {
    RegionKind.RAM: "guest RAM, a memory slot",
    RegionKind.ROM: "a read-only slot: reads and fetches make leaves, writes exit to the VMM",
    RegionKind.DEVICE_RAM: "memory of an emulated device, a slot of host RAM",
    RegionKind.MMIO: "emulated registers, no memory slot: every access exits, never a leaf",
    RegionKind.PASSTHROUGH: "a passed-through BAR, a slot of host MMIO",
    RegionKind.RESERVED: "reserved by the firmware, no memory slot, so never a leaf",
    RegionKind.UNKNOWN: "nothing is known about this address: no memory slot, so never a leaf",
}


def _type_steps(machine: Machine, region: Region, gfn: int, vcpu: int) -> list[Step]:
    """Return the steps from the kind of slot to the rule that gives the type."""
    if _is_host_mmio(region):
        leaf = leaf_words(*machine.policy.mmio_leaf())
        return [Step("host-mmio", f"host MMIO: always {leaf}", decides=True)]
    steps = override_steps(machine, vcpu)
    if steps[-1].decides:
        return steps
    return [*steps, *mtrr_steps(machine, gfn, vcpu)]
