"""The moments that a lecture goes through, one after another."""

from __future__ import annotations

from enum import StrEnum
from textwrap import shorten
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.facts.time_text import clock_text
from mtrrviz.scenario.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.scenario.model import Scenario

#: A note has no name: its first words serve, so many characters at most.
_NAME_CHARS = 60


class CueKind(StrEnum):
    """What a moment of a lecture was made from. The values are the words for it."""

    BOOKMARK = "bookmark"
    NOTE = "note"
    PHASE = "phase"


class Cue(Record):
    """A moment of a lecture: its name, what there is to say, and the page to show (None: any)."""

    kind: CueKind
    time_ns: int
    name: str
    text: str = ""
    gfn: int | None = None


def cues_of(scenario: Scenario) -> tuple[Cue, ...]:
    """Return the moments of a lecture on a scenario, in order.

    They are its bookmarks; where it has none its notes, and without notes its phases.
    """
    marks = tuple(
        Cue(CueKind.BOOKMARK, mark.time_ns, mark.name, mark.text, mark.gfn)
        for mark in scenario.bookmarks
    )
    notes = tuple(
        Cue(CueKind.NOTE, event.time_ns, shorten(event.text, _NAME_CHARS, placeholder="..."))
        for event in scenario.events
        if event.kind is EventKind.NOTE and event.text
    )
    phases = tuple(Cue(CueKind.PHASE, phase.start_ns, phase.name) for phase in scenario.phases)
    return marks or notes or phases


def present_cue(cues: Sequence[Cue], time_ns: int, shown: Cue | None = None) -> Cue | None:
    """Return the moment that a time belongs to: the last one so far, or None before the first.

    Of several at the same time it is ``shown``, the one gone to last, if that is among them.
    """
    if shown in cues and shown is not None and shown.time_ns == time_ns:
        return shown
    return next((cue for cue in reversed(cues) if cue.time_ns <= time_ns), None)


def next_cue(cues: Sequence[Cue], time_ns: int, shown: Cue | None = None) -> Cue | None:
    """Return the moment after a time, or None after the last; ``shown`` as in `present_cue`."""
    if shown in cues and shown is not None and shown.time_ns == time_ns:
        return next(iter(cues[cues.index(shown) + 1 :]), None)
    return next((cue for cue in cues if cue.time_ns > time_ns), None)


def previous_cue(cues: Sequence[Cue], time_ns: int, shown: Cue | None = None) -> Cue | None:
    """Return the moment before a time, or None; past a moment this is its beginning."""
    if shown in cues and shown is not None and shown.time_ns == time_ns:
        return next(reversed(cues[: cues.index(shown)]), None)
    return next((cue for cue in reversed(cues) if cue.time_ns < time_ns), None)


def cue_words(cues: Sequence[Cue], cue: Cue) -> str:
    """Return which moment this is: "Bookmark 2 of 7: MTRRs are on, 0.100 s"."""
    number = f"{cue.kind.value.capitalize()} {cues.index(cue) + 1} of {len(cues)}"
    return f"{number}: {cue.name}, {clock_text(cue.time_ns)}"
