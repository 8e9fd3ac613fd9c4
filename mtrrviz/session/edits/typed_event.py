"""Edits of events as they are typed into the cells of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import parse_address
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.scenario.events import REGISTER_KINDS, VM_KINDS, Event
from mtrrviz.session.edits.event_edits import change_events, move_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.edits.edit import Edit

#: What can be typed, by the keys of the columns of events.
TYPED_KEYS = ("time_s", "vcpu", "value", "meaning")


def can_type(event: Event, key: str) -> bool:
    """Return whether an event has what a column shows, so that it can be typed."""
    if key == "vcpu":
        return event.kind not in VM_KINDS
    if key == "value":
        return event.kind in REGISTER_KINDS
    return key in TYPED_KEYS


def type_into_events(scenario: Scenario, indices: Sequence[int], key: str, text: str) -> Edit:
    """Give events what was typed for the first of them.

    Times move together: all by as much as the first. Of the others, events that have no such
    column stay. MtrrvizError or ValueError for what cannot be.
    """
    first = scenario.events[indices[0]]
    if key == "time_s":
        return move_events(scenario, indices, parse_time_ns(text, first.time_ns) - first.time_ns)
    fitting = [index for index in indices if can_type(scenario.events[index], key)]
    if not fitting:
        raise MtrrvizError(f"a {first.kind} event has none")
    changes = {index: _typed(scenario.events[index], key, text) for index in fitting}
    return change_events(scenario, changes)


def _typed(event: Event, key: str, text: str) -> Event:
    if key == "vcpu":
        if not text.strip().isdecimal():
            raise MtrrvizError(f"{text!r} is not a number of a vCPU: expected 0, 1, 2, ...")
        return replace(event, vcpu=int(text))
    if key == "value":
        return replace(event, value=parse_address(text))
    return replace(event, text=text)
