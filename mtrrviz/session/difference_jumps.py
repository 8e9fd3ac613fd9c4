"""Jumps to differences of two compared policies. Nothing but the playhead is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mtrrviz.session.playing.going_to import go_to_moment

if TYPE_CHECKING:
    from mtrrviz.analysis.comparing.compare_history import DifferenceHistory
    from mtrrviz.session.document import Document

Tell = Callable[[str], None]
"""Takes words for the user: why the playhead stays, or what is being waited for."""

_PENDING = "The two runs are still being simulated"
_COMPARING = "Looking for the differences of the two runs..."
_NEVER = "The two EPTs never differ"


def to_first_difference(document: Document, tell: Tell) -> None:
    """Show the first time at which the EPTs differ, as soon as that is known."""
    _jump(document, tell, lambda history: history.first_ns, _NEVER)


def to_next_difference(document: Document, tell: Tell) -> None:
    """Show the next time at which other kinds of difference begin, as soon as that is known."""
    _jump(
        document,
        tell,
        lambda history: history.next_change(document.playhead_ns),
        "No change of the differences after this",
    )


def to_previous_difference(document: Document, tell: Tell) -> None:
    """Show the last time before at which other kinds of difference began, once it is known."""
    _jump(
        document,
        tell,
        lambda history: history.previous_change(document.playhead_ns),
        "No change of the differences before this",
    )


def _jump(
    document: Document,
    tell: Tell,
    find: Callable[[DifferenceHistory], int | None],
    otherwise: str,
) -> None:
    def go(history: DifferenceHistory) -> None:
        time_ns = find(history)
        if time_ns is None:
            tell(otherwise)
        else:
            go_to_moment(document, time_ns)

    if document.comparison is None:
        tell(_PENDING)
    elif not document.differences.when_known(go):
        tell(_COMPARING)
