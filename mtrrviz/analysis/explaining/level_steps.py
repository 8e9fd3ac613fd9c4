"""The size of a page's leaf: what the slot, the host's pages and the MTRRs each allow, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.explaining.explanation import GfnSpan, Step
from mtrrviz.core.ept import block
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, PHYSBASE0, REGISTERS, fixed_subranges
from mtrrviz.core.sdm.sdm_types import is_mixed, sdm_types
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SHIFT, format_gpa

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.scenario.machine_spec import MachineSpec, Region

_LARGEST = max(LEVEL_NAMES)


def largest_level(region: Region, gfn: int) -> int:
    """Return the largest leaf whose block lies wholly in the slot (KVM: lpage_info)."""
    for level in (3, 2):
        first, pages = block(gfn, level)
        if region.first_gfn <= first and first + pages <= region.end_gfn:
            return level
    return 1


def level_steps(
    machine: Machine, spec: MachineSpec, region: Region, gfn: int, vcpu: int
) -> list[Step]:
    """Return the leaf's size, and a step for each thing that keeps it from the next larger one."""
    by_slot, by_mtrrs = largest_level(region, gfn), machine.max_level(vcpu, gfn)
    level = min(by_slot, spec.host_level, by_mtrrs)
    first, pages = block(gfn, level)
    steps = [Step("level", f"a leaf of {LEVEL_NAMES[level]}", gfns=(first, first + pages))]
    if level == _LARGEST:
        return steps
    larger, wanted = LEVEL_NAMES[level + 1], _span(gfn, level + 1)
    if by_slot == level:
        steps.append(_slot_step(region, larger, wanted))
    if spec.host_level == level:
        words = f"no {larger}: the host backs this memory with pages of {LEVEL_NAMES[level]}"
        steps.append(Step("limit", words))
    if by_mtrrs == level:
        steps.append(_mtrr_step(machine, vcpu, larger, wanted, gfn))
    return steps


def _span(gfn: int, level: int) -> GfnSpan:
    first, pages = block(gfn, level)
    return first, first + pages


def _gpa(gfn: int) -> str:
    return format_gpa(gfn << PAGE_SHIFT)


def _block_words(span: GfnSpan) -> str:
    return f"{_gpa(span[0])} to {format_gpa((span[1] << PAGE_SHIFT) - 1)}"


def _slot_step(region: Region, larger: str, wanted: GfnSpan) -> Step:
    """Name the ends of the slot that lie within the larger block."""
    ends = [
        *([f"begins at {_gpa(region.first_gfn)}"] if region.first_gfn > wanted[0] else []),
        *([f"ends at {_gpa(region.end_gfn)}"] if region.end_gfn < wanted[1] else []),
    ]
    words = f"no {larger}: the slot {' and '.join(ends)}, within {_block_words(wanted)}"
    return Step("limit", words, gfns=wanted)


def _mtrr_step(machine: Machine, vcpu: int, larger: str, wanted: GfnSpan, gfn: int) -> Step:
    """Name the border of memory types nearest to the page, and the register it comes from."""
    owner = machine.policy.mtrr_owner(vcpu)
    border = _nearest_border(machine, vcpu, wanted, gfn)
    if border is None and _alternates(machine, vcpu, wanted):
        words = f"no {larger}: types alternate within {_block_words(wanted)}, as a mask has holes"
        return Step("limit", words, gfns=wanted)
    if border is None:
        return _partly_covered_step(machine, vcpu, larger, wanted)
    before, after = machine.mtrr_type(vcpu, border - 1), machine.mtrr_type(vcpu, border)
    msr = _register_of_border(machine.deciding_mtrr(vcpu), border)
    name = _border_name(msr)
    words = (
        f"no {larger}: types change at {_gpa(border)} from {before.name} to {after.name}"
        f" ({name}), within {_block_words(wanted)}"
    )
    return Step("limit", words, msr=msr, vcpu=owner, gfns=wanted)


def _nearest_border(machine: Machine, vcpu: int, span: GfnSpan, gfn: int) -> int | None:
    """Return the gfn within a block at which a type begins, the one nearest to ``gfn``."""
    state = machine.deciding_mtrr(vcpu)
    by_sdm = machine.policy.follows_sdm
    starts = sdm_types(state.sdm_layout).starts if by_sdm else state.intervals()[0]
    inside = starts[(starts > np.uint64(span[0])) & (starts < np.uint64(span[1]))].tolist()
    borders = [
        start
        for start in inside
        if machine.mtrr_type(vcpu, start - 1) != machine.mtrr_type(vcpu, start)
    ]
    return min(borders, key=lambda start: abs(start - gfn), default=None)


def _alternates(machine: Machine, vcpu: int, span: GfnSpan) -> bool:
    """Return whether a block holds several types by the SDM, with no border of a range in it."""
    if not machine.policy.follows_sdm:
        return False
    types = sdm_types(machine.deciding_mtrr(vcpu).sdm_layout)
    first, end = (np.array([gfn], np.uint64) for gfn in span)
    return bool(is_mixed(types.sets_in(first, end))[0])


def _register_of_border(state: MtrrState, border: int) -> int:
    """Return the register whose range begins or ends at a border of types."""
    if state.fixed_enabled and border <= FIXED_LIMIT_GFN:
        starts = {fixed_subranges(msr)[0][0] >> PAGE_SHIFT: msr for msr in FIXED_MSRS}
        return starts[max(start for start in starts if start <= border)]
    for index in state.walk_order():
        span = state.variable_ranges()[index]
        if border in (span.start_gfn, span.end_gfn):
            return PHYSBASE0 + 2 * index
    # At the edge of a hole in a mask, which is a border by the SDM's lookup alone.
    changed = state.sdm_matches(border - 1).keys() ^ state.sdm_matches(border).keys()
    return PHYSBASE0 + 2 * min(changed) if changed else DEFTYPE


def _border_name(msr: int) -> str:
    reg = REGISTERS[msr]
    return f"variable range {reg.index}" if reg.kind == "base" else reg.name


def _partly_covered_step(machine: Machine, vcpu: int, larger: str, wanted: GfnSpan) -> Step:
    """Say that KVM takes one type for a mix (kvm_mtrr_check_gfn_range_consistency)."""
    state, owner = machine.deciding_mtrr(vcpu), machine.policy.mtrr_owner(vcpu)
    ranges = state.variable_ranges()
    met = [
        index
        for index in state.walk_order()
        if ranges[index].start_gfn < wanted[1] and ranges[index].end_gfn > wanted[0]
    ]
    kind = machine.mtrr_type(vcpu, wanted[0]).name
    names = ", ".join(str(index) for index in met)
    words = (
        f"no {larger}: all of {_block_words(wanted)} is {kind}, but KVM's test takes it for mixed,"
        f" as variable ranges {names} overlap or cover it in parts"
    )
    msr = PHYSBASE0 + 2 * met[0] if met else DEFTYPE
    return Step("limit", words, msr=msr, vcpu=owner, gfns=wanted)
