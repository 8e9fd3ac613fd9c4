"""Title, notes and phases of a scenario edited together, as one step to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.scenario.events import EventKind
from mtrrviz.session.edits.edit import Edit, time_words
from mtrrviz.session.edits.limits import check_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Phase, Scenario
    from mtrrviz.scenario.view import View


class ToldNote(Record):
    """A note, and its index among the scenario's events; None for a new one."""

    event: Event
    index: int | None = None


class Telling(Record):
    """What a scenario tells: its head, how long it is, how it opens, its notes and its phases."""

    title: str
    description: str
    tags: tuple[str, ...]
    duration_ns: int
    view: View
    notes: tuple[ToldNote, ...]
    phases: tuple[Phase, ...]


def telling_of(scenario: Scenario) -> Telling:
    """Return what a scenario tells now."""
    notes = (
        ToldNote(event, index)
        for index, event in enumerate(scenario.events)
        if event.kind is EventKind.NOTE
    )
    return Telling(
        scenario.title,
        scenario.description,
        scenario.tags,
        scenario.duration_ns,
        scenario.view,
        tuple(notes),
        scenario.phases,
    )


def retell(scenario: Scenario, telling: Telling) -> Edit:
    """Return the edit that gives the scenario this text; events other than notes stay.

    MtrrvizError for an empty title, note or name of a phase, for a time below 0, and for a length
    that ends before something happens. Notes and phases after the end make the scenario longer.
    """
    check_telling(scenario, telling)
    before = telling_of(scenario)
    changed = replace(
        scenario,
        title=telling.title,
        description=telling.description,
        tags=telling.tags,
        view=telling.view,
    )
    since_ns = scenario.duration_ns + 1
    if telling.notes != before.notes:
        changed = changed.with_events(_events(scenario, telling.notes))
        since_ns = min(since_ns, _notes_since(before.notes, telling.notes))
    if telling.phases != before.phases:
        phases = tuple(sorted(telling.phases, key=lambda phase: phase.start_ns))
        changed = changed.with_phases(phases)
        # Whether zaps contend follows from the phases, so what comes after may cost differently.
        since_ns = min(since_ns, _phases_since(before.phases, telling.phases))
    if telling.duration_ns != before.duration_ns:
        # Last: no scenario is shorter than what happens in it.
        changed = replace(changed, duration_ns=telling.duration_ns, duration_is_modelled=False)
        since_ns = min(since_ns, telling.duration_ns)
    return Edit(_label(before, telling), changed, since_ns)


def check_telling(scenario: Scenario, telling: Telling) -> None:
    """Raise MtrrvizError for an empty title, note or name, and for a time that cannot be."""
    if not telling.title.strip():
        raise MtrrvizError("a scenario needs a title")
    if telling.duration_ns != scenario.duration_ns:
        _check_length(scenario, telling)
    for note in telling.notes:
        if not note.event.text.strip():
            raise MtrrvizError(f"the note at {time_words(note.event.time_ns)} needs a text")
        check_text(f"the note at {time_words(note.event.time_ns)}", note.event.text)
        _check_time(note.event.time_ns)
    for phase in telling.phases:
        if not phase.name.strip():
            raise MtrrvizError(f"the phase at {time_words(phase.start_ns)} needs a name")
        _check_time(phase.start_ns)


def _check_length(scenario: Scenario, telling: Telling) -> None:
    if scenario.recording is not None:
        raise MtrrvizError("the length of a recording is what was recorded: it cannot be changed")
    times_ns = [event.time_ns for event in scenario.events if event.kind is not EventKind.NOTE]
    times_ns += [sweep.time_ns + sweep.lasts_ns for sweep in scenario.sweeps]
    times_ns += [bookmark.time_ns for bookmark in scenario.bookmarks]
    times_ns += [note.event.time_ns for note in telling.notes]
    times_ns += [phase.start_ns for phase in telling.phases]
    times_ns += [scenario.recorded.end_ns, scenario.observed.end_ns]
    last_ns = max(times_ns)
    if telling.duration_ns < last_ns:
        raise MtrrvizError(
            f"{time_words(telling.duration_ns)} is too short: "
            f"something happens at {time_words(last_ns)}"
        )


def _check_time(time_ns: int) -> None:
    if time_ns < 0:
        raise MtrrvizError(f"{time_words(time_ns)} is before the start: expected 0 or more")


def _events(scenario: Scenario, notes: Iterable[ToldNote]) -> tuple[Event, ...]:
    """Return all events with these notes; a note that stays keeps its place among its time's."""
    kept = {note.index: note.event for note in notes if note.index is not None}
    events = [
        kept[index] if event.kind is EventKind.NOTE else event
        for index, event in enumerate(scenario.events)
        if event.kind is not EventKind.NOTE or index in kept
    ]
    events += [note.event for note in notes if note.index is None]
    return tuple(sorted(events, key=lambda event: event.time_ns))


def _notes_since(before: Sequence[ToldNote], after: Sequence[ToldNote]) -> int:
    return min(note.event.time_ns for note in set(before) ^ set(after))


def _phases_since(before: Sequence[Phase], after: Sequence[Phase]) -> int:
    """Return the first time that a phase is different; 0 where only their order is."""
    return min((phase.start_ns for phase in set(before) ^ set(after)), default=0)


def _label(before: Telling, after: Telling) -> str:
    """Name what is different: "Change the title and the notes"."""
    names = {
        **{name: name for name in ("title", "description", "tags", "notes", "phases")},
        "duration_ns": "length",
        "view": "opening view",
    }
    words = [word for name, word in names.items() if getattr(before, name) != getattr(after, name)]
    *first, last = words or ["scenario"]
    return f"Change the {', '.join(first)} and {last}" if first else f"Change the {last}"
