"""An explanation as lines of text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import LEVEL_NAMES, PAGE_SHIFT, format_gpa, format_time_ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.explanation import Explanation, FaultLeaf, History, MappedLeaf, Step

_MARK, _NO_MARK = "->", "  "


def explanation_text(explanation: Explanation) -> str:
    """Return the chain of rules, then what is mapped, what a fault would map, and the history."""
    e = explanation
    head = (
        f"page {format_gpa(e.gfn << PAGE_SHIFT)} (gfn {e.gfn:#x}), fault by vCPU {e.vcpu}"
        f" at {format_time_ns(e.time_ns)}, policy {e.policy_id}"
    )
    facts = [
        ("mapped now", _mapped_words(e.leaf)),
        ("next fault", _fault_words(e.next_fault)),
        *([("stale", "the mapped leaf is not what a fault would give")] if e.stale else []),
        ("so far", _history_words(e.history)),
    ]
    tail = [f"{name:<10}  {words}" for name, words in facts]
    return "\n".join([head, "", *_step_lines(e.steps), "", *tail])


def _step_lines(steps: Sequence[Step]) -> list[str]:
    """Return one line a step, the deciding one marked."""
    width = max(len(step.kind) for step in steps)
    return [
        f"{_MARK if step.decides else _NO_MARK} {step.kind:<{width}}  {' '.join(step.text.split())}"
        for step in steps
    ]


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


def _history_words(history: History) -> str:
    """Return counts and the last zap in one line."""
    words = (
        f"leaves {history.faults} (refaults {history.refaults}, dropped {history.drops}),"
        f" zaps over it {history.zaps}"
    )
    if history.last_zap_ns is None or history.last_zap_vcpu is None:
        return words
    who = f"vCPU {history.last_zap_vcpu}" if history.last_zap_vcpu >= 0 else "the VM"
    return f"{words}, the last at {format_time_ns(history.last_zap_ns)} by {who}"
