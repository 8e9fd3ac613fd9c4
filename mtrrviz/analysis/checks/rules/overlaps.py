"""Variable ranges that overlap in ways the SDM leaves open, or that KVM reads otherwise."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.problem import Finding, Severity
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.msr.registers import PHYSBASE0
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_gpa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.checks.subject import Subject
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.mtrr import MtrrState


class _Overlap(Record):
    """Gfns [start, end) that several well-formed pairs cover, and the two readings of them."""

    start: int
    end: int
    pairs: tuple[int, ...]
    kvm: MemoryType
    sdm: MemoryType | None

    @property
    def words(self) -> str:
        """Which pairs overlap where."""
        pairs = " and ".join(map(str, self.pairs))
        start, end = self.start << PAGE_SHIFT, (self.end << PAGE_SHIFT) - 1
        return f"pairs {pairs} overlap at {format_gpa(start)}-{format_gpa(end)}"

    @property
    def bases(self) -> tuple[int, ...]:
        """The numbers of the pairs' base registers."""
        return tuple(PHYSBASE0 + 2 * index for index in self.pairs)


def _overlaps(state: MtrrState) -> list[_Overlap]:
    """Return the overlaps of pairs that KVM and the SDM take for the same ranges.

    Pairs with holes in the mask or a base off its size have rules of their own.
    """
    if not state.enabled:
        return []
    spans = {
        index: (span.start_gfn, span.end_gfn)
        for index, span in enumerate(state.variable_ranges())
        if span.valid and span.is_contiguous_mask and span.is_aligned
    }
    low = FIXED_LIMIT_GFN if state.fixed_enabled else 0
    cuts = sorted({max(cut, low) for span in spans.values() for cut in span})
    found: list[_Overlap] = []
    # At each cut a pair begins or ends, so no two of these overlaps are of the same pairs.
    for start, end in pairwise(cuts):
        pairs = tuple(i for i, (first, last) in spans.items() if first <= start < last)
        if len(pairs) > 1:
            kvm, sdm = state.memory_type(start), state.sdm_memory_type(start)
            found.append(_Overlap(start, end, pairs, kvm, sdm))
    return found


@rule(
    "overlap-undefined",
    Severity.ERROR,
    "variable ranges overlap with an undefined combination of types",
    why="The SDM defines overlaps of one type, of UC with anything, and of WT with WB. "
    "Anything else may behave differently on each processor; KVM takes WB.",
    remedy="Make the ranges disjoint, or let the solver find ranges that are (mtrrviz solve).",
    source="SDM vol. 3A 12.11.4.1",
    machines=GUESTS,
)
def undefined(subject: Subject) -> Iterator[Finding]:
    """Report overlaps whose type the SDM does not define."""
    for group in subject.groups:
        for one in _overlaps(group.mtrr):
            if one.sdm is None:
                title = f"{one.words}: undefined by the SDM, {one.kvm.name} in KVM"
                yield Finding(title, subject.where(group, one.bases, (one.start, one.end)))


@rule(
    "overlap-kvm-differs",
    Severity.WARNING,
    "variable ranges overlap where KVM and the SDM give different types",
    why="KVM walks the ranges from the highest base down and sees UC only if another type was met "
    "before, so a UC range with the higher base loses. On hardware UC always wins.",
    remedy="Avoid the overlap, or give both ranges the same base (mtrrviz solve does so).",
    source="SDM vol. 3A 12.11.4.1; kvm_mtrr_get_guest_memory_type()",
    machines=GUESTS,
)
def kvm_differs(subject: Subject) -> Iterator[Finding]:
    """Report overlaps to which KVM and the SDM give different types."""
    for group in subject.groups:
        for one in _overlaps(group.mtrr):
            if one.sdm is not None and one.sdm != one.kvm:
                title = f"{one.words}: {one.sdm.name} by the SDM, {one.kvm.name} in KVM"
                place = subject.where(group, one.bases, (one.start, one.end))
                yield Finding(title, place, subject.weigh(Severity.WARNING))
