"""Bookmarks: named moments of a scenario, to go back to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A moment with a name and a note, and the page to look at then (None: whichever is shown)."""

    time_ns: int
    name: str
    text: str = ""
    gfn: int | None = None
