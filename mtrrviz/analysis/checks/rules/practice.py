"""Good practice: how registers are written, free pairs, settings without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.analysis.checks.subject import vcpu_words
from mtrrviz.core.memtype import PatType
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, PAIR_MSRS, PAT, PHYSMASK0
from mtrrviz.core.sorting import distinct
from mtrrviz.scenario.event_columns import KIND_CODES
from mtrrviz.scenario.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from mtrrviz.analysis.checks.subject import Subject

_RANGE_MSRS = (*PAIR_MSRS, *FIXED_MSRS)
_FEW = 2
"""edk2 keeps two pairs for the operating system."""


def _guest_range_writes(subject: Subject) -> NDArray[np.bool_]:
    """Return which writes of ranges by the guest were accepted.

    A VMM that restores state needs no ceremony.
    """
    log = subject.log
    is_wrmsr = (log.kind == KIND_CODES[EventKind.WRMSR]) & subject.is_of_vcpus
    return is_wrmsr & ~log.refused & np.isin(log.register, _RANGE_MSRS)


def _writes(subject: Subject, words: str, is_wrong: NDArray[np.bool_]) -> Iterator[Finding]:
    """Yield one finding for all wrong writes, at the first of them."""
    log, wrong = subject.log, np.flatnonzero(_guest_range_writes(subject) & is_wrong)
    if len(wrong):
        vcpus = tuple(distinct(log.vcpu[wrong]).tolist())
        msrs = tuple(dict.fromkeys(log.register[wrong].tolist()))
        count = f"{len(wrong)} range write{'s' * (len(wrong) > 1)}"
        place = Where(vcpus, msrs, None, *log.moment(int(wrong[0])))
        yield Finding(f"{count} {words} on {vcpu_words(vcpus)}", place)


@rule(
    "written-while-enabled",
    Severity.NOTE,
    "ranges were written with MTRRs on",
    why="Between the writes of a base and its mask an unintended range is in effect. In KVM each "
    "such write also zaps a range; writes with E = 0 zap nothing, only the final enabling does.",
    remedy="Clear IA32_MTRR_DEF_TYPE.E first, write, then set it again.",
    source="SDM vol. 3A 12.11.7.2; update_mtrr()",
    machines=GUESTS,
)
def written_while_enabled(subject: Subject) -> Iterable[Finding]:
    """Report writes of pairs and fixed ranges under E = 1."""
    return _writes(subject, "with MTRRs on (E = 1)", subject.log.was_enabled)


@rule(
    "written-with-caches-on",
    Severity.NOTE,
    "ranges were written with caches on",
    why="The SDM wants CR0.CD = 1 and flushed caches while types change: lines cached under the "
    "old type could be hit under the new one. KVM does not mind; hardware may.",
    remedy="Set CR0.CD, flush with WBINVD, write, flush, clear CR0.CD.",
    source="SDM vol. 3A 12.11.8",
    machines=GUESTS,
)
def written_with_caches_on(subject: Subject) -> Iterable[Finding]:
    """Report writes of pairs and fixed ranges under CR0.CD = 0."""
    return _writes(subject, "with caches on (CR0.CD = 0)", subject.log.had_caches_on)


@rule(
    "few-free-pairs",
    Severity.NOTE,
    "few variable pairs are free",
    why="Operating systems without PAT, and drivers through /proc/mtrr, need pairs of their own; "
    "firmware commonly leaves two.",
    remedy="Choose the other default type or let the solver find fewer ranges (mtrrviz solve).",
    source="Linux arch/x86/kernel/cpu/mtrr/cleanup.c",
    machines=GUESTS,
)
def few_free_pairs(subject: Subject) -> Iterator[Finding]:
    """Report vCPUs that have fewer than two free pairs."""
    for group in subject.groups:
        used = [index for index, s in enumerate(group.mtrr.variable_ranges()) if s.valid]
        pairs = group.mtrr.pairs
        free = pairs - len(used)
        if free < _FEW:
            title = f"{free} of {pairs} pairs free on {group.words}"
            masks = (PHYSMASK0 + 2 * index for index in used)
            severity = None if free else Severity.WARNING
            yield Finding(title, subject.where(group, masks), severity)


@rule(
    "fixed-ranges-off",
    Severity.WARNING,
    "fixed ranges are set but off",
    why="With IA32_MTRR_DEF_TYPE.FE = 0 they have no effect: variable ranges and the default type "
    "also decide below 1 MiB, so the VGA window may be cached.",
    remedy="Set FE (bit 10) together with E, or clear the fixed registers.",
    source="SDM vol. 3A 12.11.2.1",
    machines=GUESTS,
)
def fixed_ranges_off(subject: Subject) -> Iterator[Finding]:
    """Report fixed registers that hold types while E is set and FE is not."""
    for group in subject.groups:
        is_set = [msr for msr in FIXED_MSRS if group.mtrr.read(msr)]
        if is_set and group.mtrr.enabled and not group.mtrr.fixed_enabled:
            title = f"{len(is_set)} fixed registers are set but FE is 0 on {group.words}"
            yield Finding(title, subject.where(group, (DEFTYPE, *is_set)))


@rule(
    "pat-without-wc",
    Severity.NOTE,
    "the PAT has no WC entry",
    why="Where MTRRs say UC, only a PAT entry of WC lets drivers combine writes (frame buffers). "
    "The PAT is so after RESET; operating systems change it early.",
    remedy="Have the operating system put WC into an entry; Linux uses 0x0407050600070106.",
    source="SDM vol. 3A 12.12.2, 12.12.4",
    machines=GUESTS,
)
def pat_without_wc(subject: Subject) -> Iterator[Finding]:
    """Report PATs none of whose eight entries is WC."""
    for group in subject.groups:
        has_wc = PatType.WC in group.mtrr.read(PAT).to_bytes(8, "little")
        if not has_wc and subject.is_told(group, (PAT,)):
            title = f"no WC entry in the PAT of {group.words}"
            yield Finding(title, subject.where(group, (PAT,)))
