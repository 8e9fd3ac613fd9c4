"""Edits of the list of events: add, change, move, duplicate, reorder, remove, paste."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import format_gpa
from mtrrviz.core.words import plural
from mtrrviz.session.edits.edit import Edit, time_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Scenario


def add_event(scenario: Scenario, event: Event) -> Edit:
    """Add one event, after all events of its time."""
    _check(scenario, event)
    label = f"Add {event.kind} at {time_words(event.time_ns)}"
    return Edit(label, scenario.inserting(event), event.time_ns, event.time_ns)


def change_event(scenario: Scenario, index: int, event: Event) -> Edit:
    """Let the event at ``index`` be another one.

    It keeps its place among those of its time; with another time it goes after those of that.
    """
    return change_events(scenario, {index: event})


def change_events(scenario: Scenario, changes: Mapping[int, Event]) -> Edit:
    """Let events, by their indices, be other ones, as :func:`change_event` does one."""
    old = _chosen(scenario, changes)
    for event in changes.values():
        _check(scenario, event)
    events = [changes.get(index, event) for index, event in enumerate(scenario.events)]
    label = f"Change {_words(old.values())}"
    if len(changes) == 1:
        label = _change_label(*old.values(), *changes.values())
    since_ns, until_ns = _since(*old.values(), *changes.values())
    return Edit(label, _ordered(scenario, events), since_ns, until_ns)


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
    gone = _chosen(scenario, indices)
    kept = (event for index, event in enumerate(scenario.events) if index not in gone)
    edited = scenario.with_events(tuple(kept))
    return Edit(f"Remove {_words(gone.values())}", edited, *_since(*gone.values()))


def move_events(scenario: Scenario, indices: Collection[int], by_ns: int) -> Edit:
    """Let events happen earlier or later, all by the same time; none goes below 0."""
    moved = _chosen(scenario, indices)
    by_ns = max(by_ns, -min(event.time_ns for event in moved.values()))
    new = {i: replace(event, time_ns=event.time_ns + by_ns) for i, event in moved.items()}
    events = [new.get(index, event) for index, event in enumerate(scenario.events)]
    label = f"Move {_words(moved.values())} by {by_ns / 1e9:+.6f} s"
    if len(new) == 1:
        label = f"Move {_words(moved.values())} to {time_words(next(iter(new.values())).time_ns)}"
    since_ns, until_ns = _since(*moved.values(), *new.values())
    return Edit(label, _ordered(scenario, events), since_ns, until_ns)


def reorder_event(scenario: Scenario, index: int, steps: int) -> Edit:
    """Let an event happen before or after neighbours of the same time.

    MtrrvizError if there are not so many.
    """
    event = scenario.events[index]
    first, end = scenario.first_event_at(event.time_ns), scenario.events_until(event.time_ns)
    if not first <= index + steps < end:
        raise MtrrvizError(
            f"no other event happens at {time_words(event.time_ns)} to change places with: "
            "change the time to move it further"
        )
    events = list(scenario.events)
    events.insert(index + steps, events.pop(index))
    label = f"Move {_words([event])} {'down' if steps > 0 else 'up'}"
    return Edit(label, scenario.with_events(tuple(events)), *_since(event))


def duplicate_events(scenario: Scenario, indices: Collection[int]) -> Edit:
    """Let events happen twice; each copy comes right after its original."""
    doubled = _chosen(scenario, indices)
    events: list[Event] = []
    for index, event in enumerate(scenario.events):
        events += [event, event] if index in doubled else [event]
    edited = scenario.with_events(tuple(events))
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
        _check(scenario, event)
    edited = _ordered(scenario, [*scenario.events, *pasted])
    return Edit(f"Paste {_words(pasted)}", edited, *_since(*pasted))


def _check(scenario: Scenario, event: Event) -> None:
    """Refuse an event that the machine cannot have; a write that faults is for the model to say."""
    vcpus = scenario.machine.vcpus
    if not 0 <= event.vcpu < vcpus:
        raise MtrrvizError(f"there is no vCPU {event.vcpu}: expected 0 to {vcpus - 1}")
    if event.time_ns < 0:
        raise MtrrvizError(f"{time_words(event.time_ns)} is before the start: expected 0 or more")
    if not 0 <= event.value < 1 << 64:
        raise MtrrvizError(f"{event.value:#x} does not fit into 64 bits")


def _chosen(scenario: Scenario, indices: Collection[int]) -> dict[int, Event]:
    """Return events by their indices, in order; MtrrvizError if there are none."""
    if not indices:
        raise MtrrvizError("no event is chosen")
    return {index: scenario.events[index] for index in sorted(indices)}


def _ordered(scenario: Scenario, events: Iterable[Event]) -> Scenario:
    """Return the scenario with events put in order; those of one time stay as they are."""
    return scenario.with_events(tuple(sorted(events, key=lambda event: event.time_ns)))


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
