"""Edits of the list of events: add, change, move, duplicate, reorder, remove, paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.machine import NEEDS_SELF_SNOOP
from mtrrviz.core.sorting import distinct
from mtrrviz.core.units import format_gpa
from mtrrviz.core.wording.words import plural
from mtrrviz.scenario.event_pieces import SHORT
from mtrrviz.scenario.events import EventKind
from mtrrviz.session.edits.edit import Edit, time_words
from mtrrviz.session.edits.limits import check_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Scenario


def add_event(scenario: Scenario, event: Event) -> Edit:
    """Add one event, after all events of its time."""
    check_event(scenario, event)
    label = f"Add {event.kind} at {time_words(event.time_ns)}"
    return Edit(label, scenario.inserting(event), event.time_ns, event.time_ns)


def change_event(scenario: Scenario, index: int, event: Event) -> Edit:
    """Replace the event at ``index``.

    It keeps its place among events of its time; at another time it goes after those there.
    """
    return change_events(scenario, {index: event})


def change_events(scenario: Scenario, changes: Mapping[int, Event]) -> Edit:
    """Replace events, given by their indices, as :func:`change_event` does one."""
    old = _chosen(scenario, changes)
    for event in changes.values():
        check_event(scenario, event)
    label = f"Change {_words(old.values())}"
    if len(changes) == 1:
        label = _change_label(*old.values(), *changes.values())
    since_ns, until_ns = _since(*old.values(), *changes.values())
    edited = scenario.with_events(scenario.events.in_order(changes))
    return Edit(label, edited, since_ns, until_ns)


def _change_label(old: Event, new: Event) -> str:
    """Say what is different, if it is a single thing."""
    which = f"{old.kind} at {time_words(old.time_ns)}"
    if replace(old, time_ns=new.time_ns) == new:
        return f"Move {which} to {time_words(new.time_ns)}"
    if replace(old, value=new.value) == new:
        return f"Change {which} to {format_gpa(new.value)}"
    if replace(old, vcpu=new.vcpu) == new:
        return f"Change {which} to vCPU {new.vcpu}"
    if replace(old, text=new.text) == new:
        return f"Change the text of {which}"
    return f"Change {which}"


def remove_events(scenario: Scenario, indices: Collection[int]) -> Edit:
    """Take events out."""
    rows = _rows(indices)
    first = scenario.events[int(rows[0])]
    words = _words([first]) if len(rows) == 1 else plural(len(rows), "event")
    edited = scenario.with_events(scenario.events.without(rows))
    return Edit(f"Remove {words}", edited, *_span(scenario, rows))


def move_events(scenario: Scenario, indices: Collection[int], by_ns: int) -> Edit:
    """Let events happen earlier or later, all by the same time; none goes below 0."""
    if len(indices) > SHORT:
        return _move_very_many(scenario, _rows(indices), by_ns)
    moved = _chosen(scenario, indices)
    by_ns = max(by_ns, -min(event.time_ns for event in moved.values()))
    new = {i: replace(event, time_ns=event.time_ns + by_ns) for i, event in moved.items()}
    label = f"Move {_words(moved.values())} by {by_ns / 1e9:+.6f} s"
    if len(new) == 1:
        label = f"Move {_words(moved.values())} to {time_words(next(iter(new.values())).time_ns)}"
    since_ns, until_ns = _since(*moved.values(), *new.values())
    edited = scenario.with_events(scenario.events.in_order(new))
    return Edit(label, edited, since_ns, until_ns)


def _move_very_many(scenario: Scenario, rows: NDArray[np.intp], by_ns: int) -> Edit:
    """Move events as columns: as objects half a million of them would take seconds."""
    first_ns, last_ns = _span(scenario, rows)
    by_ns = max(by_ns, -first_ns)
    last = scenario.events[int(rows[-1])]
    replace(last, time_ns=last_ns + by_ns)  # raises if no event may be at that time
    label = f"Move {plural(len(rows), 'event')} by {by_ns / 1e9:+.6f} s"
    edited = scenario.with_events(scenario.events.later(rows, by_ns))
    return Edit(label, edited, min(first_ns, first_ns + by_ns), max(last_ns, last_ns + by_ns))


def reorder_event(scenario: Scenario, index: int, steps: int) -> Edit:
    """Move an event before or after neighbours of the same time.

    MtrrvizError if there are not enough of them.
    """
    event = scenario.events[index]
    first, end = scenario.first_event_at(event.time_ns), scenario.events_until(event.time_ns)
    if not first <= index + steps < end:
        raise MtrrvizError(
            f"no other event happens at {time_words(event.time_ns)} to change places with: "
            "change the time to move it further"
        )
    # It goes before the one that it changes places with, or after it.
    events = scenario.events.changed([index], [(index + steps + (steps > 0), event)])
    label = f"Move {_words([event])} {'down' if steps > 0 else 'up'}"
    return Edit(label, scenario.with_events(events), *_since(event))


def duplicate_events(scenario: Scenario, indices: Collection[int]) -> Edit:
    """Copy events; each copy comes right after its original."""
    doubled = _chosen(scenario, indices)
    copies = [(index + 1, replace(event)) for index, event in doubled.items()]
    edited = scenario.with_events(scenario.events.changed((), copies))
    return Edit(f"Duplicate {_words(doubled.values())}", edited, *_since(*doubled.values()))


def paste_events(scenario: Scenario, events: Sequence[Event], time_ns: int) -> Edit:
    """Add events that were copied; the first happens at ``time_ns``, the others as long after it.

    MtrrvizError for vCPUs that the machine does not have.
    """
    if not events:
        raise MtrrvizError("there are no events to paste")
    by_ns = time_ns - min(event.time_ns for event in events)
    pasted = [replace(event, time_ns=event.time_ns + by_ns) for event in events]
    for event in pasted:
        check_event(scenario, event)
    pasted.sort(key=lambda event: event.time_ns)
    placed = [(scenario.events_until(event.time_ns), event) for event in pasted]
    edited = scenario.with_events(scenario.events.changed((), placed))
    return Edit(f"Paste {_words(pasted)}", edited, *_since(*pasted))


def check_event(scenario: Scenario, event: Event) -> None:
    """Raise MtrrvizError for an event that the machine cannot have.

    A write that faults can be had: what comes of it is for the model to say.
    """
    check_text("the note of an event", event.text)
    check_text("the origin of an event", event.origin)
    vcpus = scenario.machine.vcpus
    if event.vcpu >= vcpus:
        raise MtrrvizError(f"there is no vCPU {event.vcpu}: expected 0 to {vcpus - 1}")
    if event.kind is EventKind.DISABLE_IGNORE_GUEST_PAT and not scenario.machine.self_snoop:
        raise MtrrvizError(NEEDS_SELF_SNOOP)


def _chosen(scenario: Scenario, indices: Collection[int]) -> dict[int, Event]:
    """Return events by their indices, in order; MtrrvizError if there are none."""
    if not indices:
        raise MtrrvizError("no event is chosen")
    return {index: scenario.events[index] for index in sorted(indices)}


def _rows(indices: Collection[int]) -> NDArray[np.intp]:
    """Return indices as an array, ascending; MtrrvizError if there are none."""
    if not indices:
        raise MtrrvizError("no event is chosen")
    return distinct(np.fromiter(indices, np.intp, len(indices)))


def _span(scenario: Scenario, rows: NDArray[np.intp]) -> tuple[int, int]:
    """Return the times of the first and the last of some events, whose indices ascend."""
    first, last = (scenario.events[int(row)] for row in (rows[0], rows[-1]))
    return first.time_ns, last.time_ns


def _since(*events: Event) -> tuple[int, int]:
    """Return from when on, and until when, these events make a difference."""
    times_ns = [event.time_ns for event in events]
    return min(times_ns), max(times_ns)


def _words(events: Iterable[Event]) -> str:
    """Return what labels call events: one by its kind and time, several by their number."""
    first, *others = events
    if others:
        return plural(1 + len(others), "event")
    return f"{first.kind} at {time_words(first.time_ns)}"
