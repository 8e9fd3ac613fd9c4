"""What a scenario's file may hold: no edit makes what could be saved and not be opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.files.schema import MAX_SECONDS, MAX_TAGS, MAX_TEXT_CHARS, most_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sized

    from mtrrviz.scenario.model import Scenario

_ROWS = {
    "event": "events",
    "phase": "phases",
    "touch": "touch ranges",
    "bookmark": "bookmarks",
    "stop": "stops",
    "machine.region": "regions",
}


def check_limits(scenario: Scenario) -> None:
    """Raise MtrrvizError for more of anything, a longer text or a later time than a file may hold.

    Texts of events are for :func:`check_text` when they are edited: there may be a million.
    """
    most = most_rows()
    for key, rows in _rows(scenario):
        if len(rows) > most[key]:
            raise MtrrvizError(f"a scenario has at most {most[key]:,} {_ROWS[key]}")
    if len(scenario.tags) > MAX_TAGS:
        raise MtrrvizError(f"a scenario has at most {MAX_TAGS:,} tags")
    for what, text in _texts(scenario):
        check_text(what, text)
    last_ns = max(scenario.duration_ns, *(phase.start_ns for phase in scenario.phases[-1:]), 0)
    if last_ns > MAX_SECONDS * 1e9:
        raise MtrrvizError(f"{last_ns / 1e9:g} s is too late: a scenario lasts a day at most")


def check_text(what: str, text: str) -> None:
    """Raise MtrrvizError for a text that is too long for a file."""
    if len(text) > MAX_TEXT_CHARS:
        chars = f"{len(text):,} characters (at most {MAX_TEXT_CHARS:,})"
        raise MtrrvizError(f"{what} is too long: {chars}")


def _rows(scenario: Scenario) -> Iterator[tuple[str, Sized]]:
    yield "event", scenario.events
    yield "phase", scenario.phases
    yield "touch", scenario.sweeps
    yield "bookmark", scenario.bookmarks
    yield "stop", scenario.stops
    yield "machine.region", scenario.machine.regions


def _texts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield what texts are called, and the texts."""
    yield "the title", scenario.title
    yield "the description", scenario.description
    yield from (("a tag", tag) for tag in scenario.tags)
    for phase in scenario.phases:
        yield "the name of a phase", phase.name
        yield "the text of a phase", phase.text
    for bookmark in scenario.bookmarks:
        yield "the name of a bookmark", bookmark.name
        yield "the note of a bookmark", bookmark.text
    yield from (("the name of a vCPU", one.name) for one in scenario.vcpu_names)
    yield from (("the name of a region", region.name) for region in scenario.machine.regions)
