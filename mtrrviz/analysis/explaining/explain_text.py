"""An explanation as lines of text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.host_steps import decider_words
from mtrrviz.analysis.explaining.pat_table import note_words
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SHIFT, format_gpa, format_time_ns
from mtrrviz.core.wording.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.explaining.explanation import (
        Explanation,
        FaultLeaf,
        MappedLeaf,
        PageHistory,
        Step,
    )
    from mtrrviz.analysis.explaining.page_moments import Moment
    from mtrrviz.analysis.explaining.pat_table import Effective, PatRow, PatTable
    from mtrrviz.scenario.events import Event

_MARK, _NO_MARK = "->", "  "
MOST_MOMENTS = 12
"""The last so many moments of a page's history are shown."""


def explanation_text(
    explanation: Explanation, events: Sequence[Event | None], moments: Sequence[Moment]
) -> str:
    """Return the chain of rules, what is and would be mapped, the guest's PAT, and the history.

    ``events`` are those behind the steps (see ``step_events``), ``moments`` the page's history.
    """
    e = explanation
    if e.is_host:
        return _host_text(e, events)
    head = (
        f"page {format_gpa(e.gfn << PAGE_SHIFT)} (gfn {e.gfn:#x}), fault by vCPU {e.vcpu}"
        f" at {format_time_ns(e.time_ns)}, policy {e.policy_id}"
    )
    facts = [
        ("mapped now", _mapped_words(e.leaf)),
        ("next fault", _fault_words(e.next_fault)),
        *([("MTRR type", _mtrr_words(e))] if e.next_fault is None else []),
        *([("stale", "the mapped leaf is not what a fault would give")] if e.stale else []),
        ("so far", _history_words(e.history)),
    ]
    blocks = [
        [head],
        step_lines(e.steps, events),
        [f"{name:<10}  {words}" for name, words in facts],
        pat_lines(e.pat),
        _moment_lines(moments),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _host_text(e: Explanation, events: Sequence[Event | None]) -> str:
    """Return the answer for a real machine: the type, the rules behind it, the PAT."""
    at = format_gpa(e.gfn << PAGE_SHIFT)
    head = f"address {at}, CPU {e.vcpu} of a real machine"
    fact = f"{'MTRR type':<10}  {_mtrr_words(e)}"
    # All that an import sets is set at 0 ns: only a later change is worth telling.
    later = [event if event is not None and event.time_ns > 0 else None for event in events]
    blocks = [[head], step_lines(e.steps, later), [fact], pat_lines(e.pat)]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _mtrr_words(e: Explanation) -> str:
    """Return the MTRRs' type and what decides it."""
    return f"{e.mtrr.label}, by {decider_words(e.steps)}"


def step_lines(steps: Sequence[Step], events: Sequence[Event | None]) -> list[str]:
    """Return one line a step, the deciding one marked, with the event that set it."""
    width = max(len(step.kind) for step in steps)
    return [
        f"{_MARK if step.decides else _NO_MARK} {step.kind:<{width}}  {' '.join(step.text.split())}"
        f"{event_words(event)}"
        for step, event in zip(steps, events, strict=True)
    ]


def event_words(event: Event | None) -> str:
    """Return " [since 0.533 s, firmware]", or nothing where no event set it."""
    if event is None:
        return ""
    origin = f", {event.origin}" if event.origin else ""
    return f" [since {format_time_ns(event.time_ns)}{origin}]"


def _mapped_words(leaf: MappedLeaf | None) -> str:
    if leaf is None:
        return "nothing"
    return (
        f"{leaf.type.name}, IPAT {leaf.ipat}: {LEVEL_NAMES[leaf.level]} from"
        f" {format_gpa(leaf.first_gfn << PAGE_SHIFT)}, by vCPU {leaf.vcpu}"
        f" since {format_time_ns(leaf.born_ns)}, entry {format_gpa(leaf.entry)}"
    )


def _fault_words(leaf: FaultLeaf | None) -> str:
    if leaf is None:
        return "makes no leaf"
    return f"{leaf.type.name}, IPAT {leaf.ipat}: {LEVEL_NAMES[leaf.level]}"


def _history_words(history: PageHistory) -> str:
    """Return counts and the last zap in one line."""
    words = (
        f"leaves {history.faults} (refaults {history.refaults}, dropped {history.drops}),"
        f" zaps over it {history.zaps}"
    )
    if history.last_zap_ns is None or history.last_zap_vcpu is None:
        return words
    who = f"vCPU {history.last_zap_vcpu}" if history.last_zap_vcpu >= 0 else "the VM"
    return f"{words}, the last at {format_time_ns(history.last_zap_ns)} by {who}"


def pat_lines(pat: PatTable) -> list[str]:
    """Return what each entry of the PAT makes of the leaf, or of the MTRRs' type without one."""
    ignored = "; IPAT is set, so it is ignored" if pat.is_ignored else ""
    ending = ignored if pat.mtrr is None else f"; with {pat.mtrr.label} of the MTRRs the page is"
    head = f"{pat.words}{ending}"
    notes = [f"  ({number}) {note_words(number)}" for number in pat.notes]
    return [head, *_pat_rows(pat), *notes]


def _pat_rows(pat: PatTable) -> list[str]:
    """Return the eight entries, with a column for the mapped leaf and for the next fault's."""
    has_both = pat.mapped is not None and pat.next_fault is not None
    if has_both and pat.mapped != pat.next_fault:
        return [
            f"  PA{row.index} {row.pat.label:<4}  mapped now {_cell(row.mapped):<10}"
            f"  next fault {_cell(row.next_fault)}".rstrip()
            for row in pat.rows
        ]
    return [f"  PA{row.index} {row.pat.label:<4}  {_page_is(row)}" for row in pat.rows]


def _page_is(row: PatRow) -> str:
    return _cell(row.mapped or row.next_fault) if row.mtrr is None else row.mtrr.label


def _cell(effective: Effective | None) -> str:
    if effective is None:
        return "-"
    notes = "".join(f"({number})" for number in effective.notes)
    return f"{effective.type.name} {notes}".strip()


def _moment_lines(moments: Sequence[Moment]) -> list[str]:
    """Return the last moments of the page's history, and how many came before them."""
    if not moments:
        return []
    shown = moments[-MOST_MOMENTS:]
    before = len(moments) - len(shown)
    head = f"history, the last of {plural(len(moments), 'moment')}" if before else "history"
    return [head, *(f"  {moment_words(moment)}" for moment in shown)]


def moment_words(moment: Moment) -> str:
    """Return a moment in one line: when, who, what."""
    who = "the VM" if moment.vcpu is None else f"vCPU {moment.vcpu}"
    return f"{format_time_ns(moment.time_ns):<10}  {who:<7}  {moment.words}"
