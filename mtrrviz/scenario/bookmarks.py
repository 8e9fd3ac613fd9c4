"""Bookmarks: named moments of a scenario, to go back to."""

from __future__ import annotations

from mtrrviz.core.record import Record


class Bookmark(Record):
    """A moment with a name and a note, and the page to look at then (None: whichever is shown)."""

    time_ns: int
    name: str
    text: str = ""
    gfn: int | None = None
