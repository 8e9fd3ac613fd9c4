"""Going from bookmark to bookmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.facts.time_text import short_clock_text
from mtrrviz.session.playing.going_to import go_to_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.scenario.bookmarks import Bookmark
    from mtrrviz.session.document import Document


def go_to_bookmark(document: Document, bookmark: Bookmark, say: Callable[[str], None]) -> None:
    """Show the moment and the page of a bookmark, and say its name and note."""
    go_to_moment(document, bookmark.time_ns, bookmark.gfn)
    note = f": {bookmark.text}" if bookmark.text else ""
    say(f"Bookmark {bookmark.name!r} at {short_clock_text(bookmark.time_ns)}{note}")


def to_next_bookmark(document: Document, say: Callable[[str], None]) -> None:
    """Go to the first bookmark after the playhead, or say that there is none."""
    now_ns = document.playhead_ns
    later = (mark for mark in document.scenario.bookmarks if mark.time_ns > now_ns)
    _go_or_say(document, next(later, None), f"No bookmark after {short_clock_text(now_ns)}", say)


def to_previous_bookmark(document: Document, say: Callable[[str], None]) -> None:
    """Go to the last bookmark before the playhead, or say that there is none."""
    now_ns = document.playhead_ns
    earlier = (mark for mark in reversed(document.scenario.bookmarks) if mark.time_ns < now_ns)
    _go_or_say(document, next(earlier, None), f"No bookmark before {short_clock_text(now_ns)}", say)


def _go_or_say(
    document: Document, bookmark: Bookmark | None, otherwise: str, say: Callable[[str], None]
) -> None:
    if bookmark is None:
        say(otherwise)
    else:
        go_to_bookmark(document, bookmark, say)
