"""The complaints of the machine's own kernel, with what they mean.

Sources: arch/x86/kernel/cpu/mtrr and arch/x86/mm/pat of Linux. What the registers show as well is
told by the rule about those, with the kernel's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.kernel_says import complaints
from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.rule_registry import RuleFunction, rule
from mtrrviz.analysis.checks.rules.host_agreement import cpus_disagree
from mtrrviz.analysis.checks.rules.host_memory_types import host_mtrrs_off, ram_not_wb
from mtrrviz.analysis.checks.rules.memory import ram_by_default_uc
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE
from mtrrviz.scenario.complaints import ComplaintKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mtrrviz.analysis.checks.subject import Subject
    from mtrrviz.scenario.complaints import KernelComplaint


class _RuleWords(Record):
    """The words of the rule about one kind of complaint."""

    rule_id: str
    severity: Severity
    summary: str
    why: str
    remedy: str
    source: str


_MAIN = "Linux arch/x86/kernel/cpu/mtrr/main.c: mtrr_add_page()"
_CLEANUP = "Linux arch/x86/kernel/cpu/mtrr/cleanup.c"

_WORDS = {
    ComplaintKind.TYPE_MISMATCH: _RuleWords(
        "kernel-type-mismatch",
        Severity.NOTE,
        "the kernel refused a pair whose type differs from that around it",
        why="A driver asked for a pair of the new type within a pair of the old one, and the "
        "kernel refused: it does not nest these types. The registers stay as the firmware left "
        "them, and the driver goes on without the pair: a frame buffer is drawn slowly.",
        remedy="Use a driver that maps its memory WC through the PAT, which needs no pair; or "
        "split the enclosing pair (mtrrviz solve, or Linux's enable_mtrr_cleanup).",
        source=_MAIN,
    ),
    ComplaintKind.OVERLAP: _RuleWords(
        "kernel-overlap",
        Severity.NOTE,
        "the kernel refused a pair that overlaps another one",
        why="The range that a driver asked for reaches beyond a pair that is there, and the "
        "kernel refused. The registers stay as they are; the driver goes on without the pair.",
        remedy="Use a driver that maps its memory WC through the PAT; or take the pair that is in "
        "the way out of /proc/mtrr before the driver asks.",
        source=_MAIN,
    ),
    ComplaintKind.NOT_ALIGNED: _RuleWords(
        "kernel-not-aligned",
        Severity.NOTE,
        "the kernel refused a pair whose base is not a multiple of its size",
        why="One pair can only cover a power of two that its base is a multiple of. The kernel "
        "refused the request and changed no register.",
        remedy="Ask for aligned ranges of a power of two that together make the one wanted "
        "(mtrrviz solve --map finds them), or map the memory through the PAT.",
        source=_MAIN,
    ),
    ComplaintKind.NO_FREE_PAIR: _RuleWords(
        "kernel-no-free-pair",
        Severity.NOTE,
        "the kernel had no pair free for a driver",
        why="All pairs were in use when a driver asked for one, so it goes on without.",
        remedy="Let the solver find fewer ranges (mtrrviz solve), boot Linux with "
        "enable_mtrr_cleanup, or use a driver that needs the PAT alone.",
        source=_MAIN,
    ),
    ComplaintKind.REFUSED_WC: _RuleWords(
        "kernel-no-wc-range",
        Severity.NOTE,
        "a graphics driver got no write-combining range",
        why="The driver asked for a pair that makes its frame buffer WC, and got none: all pairs "
        "are in use, or another one is in the way. With the PAT it does not need one; without, "
        "every write to the frame buffer goes to the bus by itself, and drawing is slow.",
        remedy="The kernel's own line next to it says why. With a kernel and a "
        "driver that use the PAT nothing has to be done; else free a pair (mtrrviz solve).",
        source="Linux drivers/gpu/drm: drm_mtrr_add(), arch_phys_wc_add(); X.Org xf86SetMTRR",
    ),
    ComplaintKind.LOST_RAM: _RuleWords(
        "kernel-lost-ram",
        Severity.WARNING,
        "the kernel leaves RAM unused that no WB range covers",
        why="With a default type of UC, RAM outside all WB ranges would be UC. Linux does not use "
        "it rather than be slow: the firmware's ranges do not cover all of the RAM.",
        remedy="Update the firmware, or let the solver find ranges for all RAM (mtrrviz solve); "
        "Linux tries to with enable_mtrr_cleanup, and uses the RAM as it is with "
        "disable_mtrr_trim.",
        source=f"{_CLEANUP}: mtrr_trim_uncached_memory()",
    ),
    ComplaintKind.INCONSISTENT: _RuleWords(
        "kernel-inconsistent-cpus",
        Severity.WARNING,
        "the firmware left CPUs with different MTRRs",
        why="All processors must have the same MTRRs. The kernel found other values on some CPUs "
        "than on the boot CPU and gave them the boot CPU's: that fixes it until the next boot, but "
        "what ran before, and system management mode, saw the difference.",
        remedy="Update the firmware: it has to set the MTRRs of every CPU.",
        source="Linux arch/x86/kernel/cpu/mtrr/generic.c: mtrr_state_warn(); SDM vol. 3A 12.11.8",
    ),
    ComplaintKind.NO_OPTIMUM: _RuleWords(
        "kernel-no-optimum",
        Severity.NOTE,
        "the kernel's clean-up of the MTRRs found no layout to use",
        why="mtrr_cleanup looked for a layout with more pairs free and found none that covers all "
        "RAM, so it changed nothing: the ranges are still the firmware's.",
        remedy="Let the solver look (mtrrviz solve), try the chunk_size and gran_size that the log "
        "lists with the least RAM lost, or boot with disable_mtrr_cleanup.",
        source=f"{_CLEANUP}: mtrr_cleanup()",
    ),
    ComplaintKind.PAT_CONFLICT: _RuleWords(
        "kernel-pat-conflict",
        Severity.NOTE,
        "two mappings of the same memory ask for different types in the PAT",
        why="Memory may be mapped with one type at a time. The kernel refused the second mapping, "
        "or gave it the type of the first. This concerns page tables, not the MTRRs.",
        remedy="Find the two users of these addresses (/sys/kernel/debug/x86/pat_memtype_list, "
        "/proc/iomem): often two drivers of one device, or one passed through while a driver of "
        "the host still holds it.",
        source="Linux arch/x86/mm/pat/memtype_interval.c",
    ),
    ComplaintKind.BLANK: _RuleWords(
        "kernel-mtrrs-blank",
        Severity.NOTE,
        "the kernel found all MTRRs blank",
        why="No pair is in use, as on virtual machines whose firmware sets none. Linux then "
        "leaves the MTRRs alone.",
        remedy="Have the VM's firmware set MTRRs if devices are passed through to it; otherwise "
        "nothing has to be done.",
        source=f"{_CLEANUP}: mtrr_trim_uncached_memory()",
    ),
    ComplaintKind.OTHER: _RuleWords(
        "kernel-complaint",
        Severity.NOTE,
        "the kernel complains of its MTRRs or PAT",
        why="The kernel's words are shown as they are.",
        remedy="Look the words up in the kernel's source (arch/x86/kernel/cpu/mtrr, "
        "arch/x86/mm/pat).",
        source="Linux arch/x86/kernel/cpu/mtrr, arch/x86/mm/pat",
    ),
}

_REFUSALS = (
    ComplaintKind.TYPE_MISMATCH,
    ComplaintKind.OVERLAP,
    ComplaintKind.NOT_ALIGNED,
    ComplaintKind.NO_FREE_PAIR,
)

_TOLD_BY: dict[ComplaintKind, Callable[[Subject], bool]] = {
    ComplaintKind.LOST_RAM: lambda subject: (
        bool(ram_not_wb(subject)) if subject.spec.is_host else any(ram_by_default_uc(subject))
    ),
    ComplaintKind.INCONSISTENT: lambda subject: any(cpus_disagree(subject)),
    ComplaintKind.REFUSED_WC: lambda subject: any(complaints(subject, kind) for kind in _REFUSALS),
    ComplaintKind.BLANK: lambda subject: any(host_mtrrs_off(subject)),
}
"""Whether another rule's finding quotes the complaint."""


_MOST_TEXTS = 3
"""At most so many different complaints about one thing are quoted."""


def _finder(kind: ComplaintKind) -> RuleFunction:
    """Return the rule for one kind of complaint: the same complaint is one finding."""

    def find(subject: Subject) -> Iterator[Finding]:
        found = complaints(subject, kind)
        if not found or (kind in _TOLD_BY and _TOLD_BY[kind](subject)):
            return
        alike: dict[tuple[int, int, str], list[KernelComplaint]] = {}
        for one in found:
            alike.setdefault(_subject_of(one), []).append(one)
        for same in alike.values():
            yield Finding(_title(same), _place(same[0]))

    return find


def _subject_of(one: KernelComplaint) -> tuple[int, int, str]:
    """Return what a complaint is about: addresses, or the machine as a whole.

    Complaints of an unknown kind are told apart by their text.
    """
    return one.start, one.end, one.text if one.kind is ComplaintKind.OTHER else ""


def _title(same: list[KernelComplaint]) -> str:
    texts = list(dict.fromkeys(one.text for one in same))
    more = f" and {len(texts) - _MOST_TEXTS} more" if len(texts) > _MOST_TEXTS else ""
    again = f" ({len(same)} times)" if len(same) > len(texts) else ""
    return f"{same[0].speaker} says: {'; '.join(texts[:_MOST_TEXTS])}{more}{again}"


def _place(one: KernelComplaint) -> Where:
    first, end = one.start >> PAGE_SHIFT, -(-one.end // PAGE_SIZE)
    return Where(gfns=(first, end) if first < end else None, file=one.file, line=one.line)


for _kind, _words in _WORDS.items():
    rule(
        _words.rule_id,
        _words.severity,
        _words.summary,
        why=_words.why,
        remedy=_words.remedy,
        source=_words.source,
    )(_finder(_kind))
