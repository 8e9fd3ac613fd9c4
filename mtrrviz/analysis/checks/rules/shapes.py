"""Pairs that are malformed: masks with holes, bases off their size, bits beyond MAXPHYADDR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.register_log import refused
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.core.msr.registers import PAIR_MSRS, PHYSMASK0, pair_msrs
from mtrrviz.core.units import format_gpa
from mtrrviz.core.variable_ranges import reserved_bits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.analysis.checks.subject import Group, Subject
    from mtrrviz.core.variable_ranges import VariableRange


def _pairs(subject: Subject) -> Iterator[tuple[Group, int, VariableRange]]:
    """Yield every pair in use of every group."""
    for group in subject.groups:
        for index, span in enumerate(group.mtrr.variable_ranges()):
            if span.valid:
                yield group, index, span


def _place(subject: Subject, group: Group, index: int, span: VariableRange) -> Where:
    gfns = (span.start_gfn, span.end_gfn) if span.start_gfn < span.end_gfn else None
    return subject.where(group, pair_msrs(index), gfns)


@rule(
    "mask-holes",
    Severity.ERROR,
    "a mask has holes",
    why="According to the SDM such a pair matches many separate ranges; KVM fills the holes and "
    "takes "
    "one. Often the mask was made for fewer physical address bits than the guest has.",
    remedy="Use a mask of ones from MAXPHYADDR - 1 down to the size's bit.",
    source="SDM vol. 3A 12.11.3; var_mtrr_range()",
    machines=GUESTS,
)
def mask_holes(subject: Subject) -> Iterator[Finding]:
    """Report masks that are not one run of ones."""
    for group, index, span in _pairs(subject):
        if not span.is_contiguous_mask:
            mask = format_gpa(group.mtrr.read(PHYSMASK0 + 2 * index))
            title = f"pair {index}: mask {mask} has holes ({group.words})"
            yield Finding(title, _place(subject, group, index, span))


@rule(
    "base-unaligned",
    Severity.ERROR,
    "a base is not a multiple of its size",
    why="According to the SDM the pair matches the aligned block that holds the base; KVM covers "
    "only "
    "the part from the base on.",
    remedy="Align the base down to the size, or split the range into aligned ones.",
    source="SDM vol. 3A 12.11.4; var_mtrr_range()",
    machines=GUESTS,
)
def base_unaligned(subject: Subject) -> Iterator[Finding]:
    """Report bases with bits set that the mask leaves out."""
    for group, index, span in _pairs(subject):
        if span.is_contiguous_mask and not span.is_aligned:
            covers = f"{format_gpa(span.start)}-{format_gpa(span.end - 1)}"
            title = f"pair {index}: base is not aligned, KVM covers {covers} ({group.words})"
            yield Finding(title, _place(subject, group, index, span))


def _refused(subject: Subject, *, is_beyond: bool) -> Iterator[Finding]:
    """Yield the refused writes that have address bits that the guest does not, or all others."""
    reserved = reserved_bits(subject.spec.maxphyaddr)
    for entry in subject.log.entries(subject.refused):
        is_range = entry.event.writes_msr and entry.event.register in PAIR_MSRS
        if (is_range and bool(entry.event.value & reserved)) == is_beyond:
            yield refused(entry, "vCPU")


@rule(
    "beyond-maxphyaddr",
    Severity.ERROR,
    "a range was written beyond MAXPHYADDR",
    why="Bits from MAXPHYADDR up are reserved in bases and masks: the write faults and the "
    "register keeps its value.",
    remedy="Take the width from CPUID 0x80000008, not from a constant or from the host.",
    source="SDM vol. 3A 12.11.2.3; kvm_mtrr_valid()",
    machines=GUESTS,
)
def beyond_maxphyaddr(subject: Subject) -> Iterable[Finding]:
    """Report writes refused for address bits the guest does not have."""
    return _refused(subject, is_beyond=True)


@rule(
    "write-refused",
    Severity.ERROR,
    "KVM refused a register write",
    why="The guest got #GP and the register kept its value; a guest that does not expect it may "
    "crash.",
    remedy="Write a type that exists (0, 1, 4, 5, 6; in the PAT also 7) and 0 to reserved bits.",
    source="SDM vol. 3A 12.11.2; kvm_mtrr_valid()",
    machines=GUESTS,
)
def write_refused(subject: Subject) -> Iterable[Finding]:
    """Report all other refused writes."""
    return _refused(subject, is_beyond=False)
