"""What there is to say about a variable pair before it is written: holes, overlaps, no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import DEFTYPE, MTRR_ENABLE_BIT
from mtrrviz.core.units import PAGE_SHIFT, format_gpa

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.core.variable_ranges import VariableRange
    from mtrrviz.session.registers.register_draft import Draft

_FIXED_LIMIT_GFN = 0x100


def pair_notes(machine: Machine, vcpu: int, draft: Draft, index: int) -> list[str]:
    """Return what a user should know about pair ``index`` as drafted, most important first.

    Empty if the draft holds what KVM refuses, or the pair would be off.
    """
    if draft.refusals:
        return []
    state = machine.mtrr(vcpu).copy()
    for msr, value in draft.values.items():
        state.write(msr, value)
    own = state.variable_ranges()[index]
    if not own.valid:
        return []
    return [*_shape_notes(own), *_overlap_notes(state, index), *_effect_notes(state, own)]


def _shape_notes(own: VariableRange) -> list[str]:
    span = f"{format_gpa(own.start)} to {format_gpa(own.end - 1)}"
    if not own.is_contiguous_mask:
        return [f"The mask has holes. KVM fills them and takes {span} as one range."]
    if not own.is_aligned:
        return [f"The base is not a multiple of the size. KVM covers {span} only."]
    return []


def _effect_notes(state: MtrrState, own: VariableRange) -> list[str]:
    if not state.enabled:
        return ["DEF_TYPE.E is 0: no range has an effect until it is set."]
    if state.fixed_enabled and own.start_gfn < _FIXED_LIMIT_GFN:
        return ["Below 1 MiB the fixed ranges decide."]
    return []


def _overlap_notes(state: MtrrState, index: int) -> list[str]:
    """Return a note for each other pair in use that shares pages with this one."""
    ranges = state.variable_ranges()
    others = [i for i in sorted(state.walk_order()) if i != index]
    enabled = _enabled_twin(state)
    notes = (_overlap_note(enabled, ranges[index], i, ranges[i]) for i in others)
    return [note for note in notes if note]


def _enabled_twin(state: MtrrState) -> MtrrState:
    """Return the state with MTRRs on, so that overlaps can be judged before they are."""
    twin = state.copy()
    twin.write(DEFTYPE, state.read(DEFTYPE) | MTRR_ENABLE_BIT)
    return twin


def _overlap_note(state: MtrrState, own: VariableRange, index: int, other: VariableRange) -> str:
    start, end = max(own.start_gfn, other.start_gfn), min(own.end_gfn, other.end_gfn)
    if state.fixed_enabled:
        start = max(start, _FIXED_LIMIT_GFN)
    if start >= end:
        return ""
    span = f"{format_gpa(start << PAGE_SHIFT)}-{format_gpa((end << PAGE_SHIFT) - 1)}"
    verdict = _verdict(state.memory_type(start), state.sdm_memory_type(start))
    return f"Overlaps pair {index} ({other.type.name}) at {span}: {verdict}."


def _verdict(kvm: MemoryType, sdm: MemoryType | None) -> str:
    """Compare KVM's answer for the first page shared with the SDM's."""
    if sdm is None:
        return f"undefined by the SDM, KVM gives {kvm.name}"
    if sdm == kvm:
        return f"KVM and the SDM both give {kvm.name}"
    return (
        f"the SDM says {sdm.name}, KVM gives {kvm.name} (it walks from the highest base down, "
        "so order decides)"
    )
