"""Explain one page: what is mapped, what a fault would map, and the rules that say so.

The chain follows vmx_get_mt_mask and kvm_mtrr_get_guest_memory_type. What depends on the KVM
version is asked of the policy, so a new one is explained without a change here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.explanation import Explanation, FaultLeaf, History, MappedLeaf, Step
from mtrrviz.analysis.hardware_step import hardware_step, hardware_type
from mtrrviz.analysis.host_steps import host_steps
from mtrrviz.analysis.level_steps import largest_level, level_steps
from mtrrviz.analysis.mtrr_steps import mtrr_steps
from mtrrviz.analysis.override_steps import override_steps
from mtrrviz.analysis.pat_table import PatTable
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.hardware import hardware_type as host_type
from mtrrviz.core.registers import PAT
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.core.words import leaf_words, result_words
from mtrrviz.facts.stale import is_stale
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import Region
    from mtrrviz.sim.run import Run, State


def explain(state: State, gfn: int, vcpu: int) -> Explanation:
    """Return why a fault of ``vcpu`` on page ``gfn`` gets its leaf in this state.

    Raises MtrrvizError if the machine has no such page or vCPU.
    """
    spec = state.run.scenario.machine
    _check(gfn, vcpu, spec.maxphyaddr, spec.vcpus)
    if spec.is_host:
        return _explain_host(state, gfn, vcpu)
    region = spec.region_at(gfn)
    next_fault = next_fault_leaf(state, gfn, vcpu)
    leaf = mapped_leaf(state, gfn)
    row = state.leaf_row(gfn)
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
        pat=PatTable(
            vcpu,
            state.machine.read_msr(vcpu, PAT),
            leaf and (leaf.type, leaf.ipat),
            next_fault and (next_fault.type, next_fault.ipat),
        ),
        hardware=hardware_type(state.machine, gfn, vcpu),
    )


def _explain_host(state: State, gfn: int, cpu: int) -> Explanation:
    """Return why a page of a real machine has its type: no leaf and no fault is there."""
    machine, region = state.machine, state.run.scenario.machine.region_at(gfn)
    kind = host_type(machine, cpu, gfn).memory_type
    has_pat = kind is not None and PAT not in machine.mtrr(cpu).unknown
    combined = (kind, 0) if kind is not None and has_pat else None
    return Explanation(
        gfn=gfn,
        vcpu=cpu,
        time_ns=state.time_ns,
        policy_id=state.run.policy.id,
        region=region,
        steps=tuple(host_steps(machine, region, gfn, cpu)),
        leaf=None,
        next_fault=None,
        stale=False,
        history=page_history(state.run, gfn, state.time_ns),
        pat=PatTable(cpu, machine.read_msr(cpu, PAT), None, combined),
        hardware=kind,
        is_host=True,
    )


def _check(gfn: int, vcpu: int, maxphyaddr: int, vcpus: int) -> None:
    """Raise MtrrvizError for a page or a vCPU that the machine does not have."""
    limit = 1 << (maxphyaddr - PAGE_SHIFT)
    if not 0 <= gfn < limit:
        raise MtrrvizError(
            f"{format_gpa(gfn << PAGE_SHIFT)} is beyond this guest's physical addresses"
            f" (expected one below {format_gpa(limit << PAGE_SHIFT)}, {maxphyaddr} bits)"
        )
    if not 0 <= vcpu < vcpus:
        raise MtrrvizError(f"no vCPU {vcpu}: this machine has 0 to {vcpus - 1}")


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
    leaves = state.run.leaves
    return MappedLeaf(
        first_gfn=int(leaves.first_gfn[row]),
        level=int(leaves.level[row]),
        bits=int(leaves.bits[row]),
        vcpu=int(leaves.vcpu[row]),
        born_ns=int(leaves.born_ns[row]),
    )


def page_history(run: Run, gfn: int, time_ns: int) -> History:
    """Return what happened to a page up to and at ``time_ns``."""
    leaves, zaps = run.leaves, run.zaps
    rows = leaves.rows_at(gfn)
    rows = rows[leaves.born_ns[rows] <= np.int64(time_ns)]
    dropped = (leaves.zap[rows] >= 0) & (leaves.died_ns[rows] <= np.int64(time_ns))
    hits = np.flatnonzero(zaps.intersecting(gfn)[: zaps.until(time_ns)])
    last = int(hits[-1]) if len(hits) else None
    return History(
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
    """Return the chain, up to the rule that decides and then the leaf that comes of it."""
    machine = state.machine
    first = _region_step(region)
    if region is None or first.decides:
        return [first]
    kind, ipat = machine.leaf(vcpu, gfn, _is_host_mmio(region))
    result = Step("result", result_words(kind, ipat))
    levels = level_steps(machine, state.run.scenario.machine, region, gfn, vcpu)
    rules = _type_steps(machine, region, gfn, vcpu)
    return [first, *rules, result, hardware_step(machine, gfn, vcpu, kind), *levels]


def _region_step(region: Region | None) -> Step:
    """Say what backs the page; without a slot that ends the chain."""
    if region is None:
        text = "no region of the machine holds this page: no memory slot, so never a leaf"
        return Step("region", text, decides=True)
    what = f"{region.name}, {format_gpa(region.start)} to {format_gpa(region.end - 1)}"
    text = f"{what}: {_BACKING[region.kind]}"
    gfns = (region.first_gfn, region.end_gfn)
    return Step("region", text, decides=not region.has_slot, gfns=gfns)


_BACKING = {
    RegionKind.RAM: "guest RAM, a memory slot",
    RegionKind.ROM: "a read-only slot: reads and fetches make leaves, writes exit to the VMM",
    RegionKind.DEVICE_RAM: "memory of an emulated device, a slot of host RAM",
    RegionKind.MMIO: "emulated registers, no memory slot: every access exits, never a leaf",
    RegionKind.PASSTHROUGH: "a passed-through BAR, a slot of host MMIO",
    RegionKind.RESERVED: "reserved by the firmware, no memory slot, so never a leaf",
    RegionKind.UNKNOWN: "nothing tells what is here: no memory slot, so never a leaf",
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
