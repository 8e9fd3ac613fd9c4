"""Where the playhead can jump to when two policies are compared. Pure but for the playhead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.session.document import Document

_PENDING = "The two runs are still being made"
_NEVER = "The two EPTs never differ"


def to_first_difference(document: Document) -> str:
    """Show the first time at which the EPTs differ; return why not, or "" if done."""
    comparison = document.comparison
    if comparison is None:
        return _PENDING
    return _jump(document, comparison.history.first_ns, _NEVER)


def to_next_difference(document: Document) -> str:
    """Show the next time at which other kinds of difference begin; return why not, or ""."""
    comparison = document.comparison
    if comparison is None:
        return _PENDING
    after = comparison.history.next_change(document.playhead_ns)
    return _jump(document, after, "No change of the differences after this")


def to_previous_difference(document: Document) -> str:
    """Show the last time before at which other kinds of difference began; return why not, or ""."""
    comparison = document.comparison
    if comparison is None:
        return _PENDING
    before = comparison.history.previous_change(document.playhead_ns)
    return _jump(document, before, "No change of the differences before this")


def _jump(document: Document, time_ns: int | None, otherwise: str) -> str:
    if time_ns is None:
        return otherwise
    with document.batch():
        document.playback.pause()
        document.set_playhead(time_ns)
    return ""
