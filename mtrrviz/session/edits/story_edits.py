"""Edits of what a scenario tells: its title, description, tags, opening view, bookmarks, stops.

Nothing that happens in the scenario changes, so nothing needs to be simulated again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.session.edits.edit import Edit, time_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mtrrviz.scenario.bookmarks import Bookmark
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.scenario.view import View


def describe(scenario: Scenario, title: str, description: str, tags: Iterable[str]) -> Edit:
    """Give the scenario another title, description and tags; MtrrvizError for an empty title."""
    if not title.strip():
        raise MtrrvizError("a scenario needs a title")
    changed = replace(scenario, title=title, description=description, tags=tuple(tags))
    return _told("Describe the scenario", changed)


def open_here(scenario: Scenario, view: View) -> Edit:
    """Let the scenario open with ``view`` from now on."""
    return _told("Save this view with the scenario", replace(scenario, view=view))


def add_bookmark(scenario: Scenario, bookmark: Bookmark) -> Edit:
    """Add a bookmark."""
    label = f"Add bookmark {bookmark.name!r} at {time_words(bookmark.time_ns)}"
    return _bookmarked(label, scenario, [*scenario.bookmarks, bookmark])


def change_bookmark(scenario: Scenario, index: int, bookmark: Bookmark) -> Edit:
    """Replace the bookmark at ``index``."""
    others = [*scenario.bookmarks[:index], *scenario.bookmarks[index + 1 :]]
    label = f"Change bookmark {scenario.bookmarks[index].name!r}"
    return _bookmarked(label, scenario, [*others, bookmark])


def remove_bookmark(scenario: Scenario, index: int) -> Edit:
    """Take the bookmark at ``index`` out."""
    return remove_bookmarks(scenario, [index])


def remove_bookmarks(scenario: Scenario, indices: Collection[int]) -> Edit:
    """Take the bookmarks at ``indices``, of which there is at least one, out."""
    kept = [mark for i, mark in enumerate(scenario.bookmarks) if i not in indices]
    gone = [scenario.bookmarks[index].name for index in indices]
    label = f"Remove bookmark {gone[0]!r}" if len(gone) == 1 else f"Remove {len(gone)} bookmarks"
    return _bookmarked(label, scenario, kept)


def change_stops(scenario: Scenario, label: str, stops: Iterable[StopCondition]) -> Edit:
    """Replace all conditions at which playing stops."""
    return _told(label, replace(scenario, stops=tuple(stops)))


def _bookmarked(label: str, scenario: Scenario, bookmarks: Iterable[Bookmark]) -> Edit:
    ordered = tuple(sorted(bookmarks, key=lambda bookmark: bookmark.time_ns))
    for bookmark in ordered:
        if not bookmark.name.strip():
            raise MtrrvizError("a bookmark needs a name")
        if not 0 <= bookmark.time_ns <= scenario.duration_ns:
            raise MtrrvizError(
                f"{time_words(bookmark.time_ns)} is not in the scenario: "
                f"expected 0 to {time_words(scenario.duration_ns)}"
            )
    return _told(label, replace(scenario, bookmarks=ordered))


def _told(label: str, scenario: Scenario) -> Edit:
    return Edit(label, scenario, scenario.duration_ns + 1)
