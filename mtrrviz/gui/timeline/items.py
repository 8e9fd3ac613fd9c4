"""What can be moved and changed on the timeline: events, starts of phases, bookmarks."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.core.units import format_time_ns
from mtrrviz.facts.event_words import event_words
from mtrrviz.geometry.timeline.timeline_flags import (
    FLAG_KINDS,
    Flag,
    FlagKind,
    flag_at,
    place_flags,
)
from mtrrviz.geometry.timeline.timeline_layout import is_within
from mtrrviz.scenario.events import VM_KINDS, EventKind
from mtrrviz.session import edits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows
    from mtrrviz.gui.timeline.scene import Scene
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Sweep
    from mtrrviz.session.edits import Edit

_REACH_PX = 4


class ItemKind(Enum):
    """What an item is."""

    EVENT = "event"
    PHASE = "phase"
    BOOKMARK = "bookmark"
    TOUCH = "touch"
    """A hand-written one; recorded ones stay as they were recorded."""


class Item(Record):
    """One thing at ``time_ns``; ``index`` counts among the scenario's things of its kind."""

    kind: ItemKind
    index: int
    time_ns: int


def event_item(scenario: Scenario, index: int) -> Item:
    """Return an event as an item."""
    return Item(ItemKind.EVENT, index, scenario.events[index].time_ns)


def phase_item(scenario: Scenario, index: int) -> Item:
    """Return the start of a phase as an item."""
    return Item(ItemKind.PHASE, index, scenario.phases[index].start_ns)


def touch_item(scenario: Scenario, index: int) -> Item:
    """Return a hand-written touch as an item."""
    return Item(ItemKind.TOUCH, index, scenario.sweeps[index].time_ns)


def sweep_words(sweep: Sweep) -> str:
    """Return a hand-written touch in words: "vCPU 1: write 0x140_0000 (2 MiB), for 1 ms"."""
    lasts = f", for {format_time_ns(sweep.lasts_ns)}" if sweep.lasts_ns else ""
    return f"vCPU {sweep.vcpu}: {sweep.access.name.lower()} {edits.touch_words(sweep)}{lasts}"


def item_words(scenario: Scenario, item: Item) -> str:
    """Return what menus and messages call an item: "vCPU 1: IA32_PAT = 0x6"."""
    if item.kind is ItemKind.PHASE:
        return f"Phase {scenario.phases[item.index].name}"
    if item.kind is ItemKind.BOOKMARK:
        return f"Bookmark {scenario.bookmarks[item.index].name}"
    if item.kind is ItemKind.TOUCH:
        return sweep_words(scenario.sweeps[item.index])
    event = scenario.events[item.index]
    if event.kind is EventKind.NOTE:
        return f"Note {event.text}" if event.text else "Note"
    who = "" if event.kind in VM_KINDS else f"{scenario.machine.cpu_word} {event.vcpu}: "
    return f"{who}{event_words(event)}"


def items_at(
    scene: Scene, axis: TimeAxis, rows: Rows, x: float, y: float, name_px: Callable[[str], int]
) -> list[Item]:
    """Return the items at a pixel, the nearest first; ``name_px`` is the width of a flag's name."""
    if rows.phases_top <= y < rows.phases_bottom:
        return _phases_at(scene.scenario, axis, x)
    if is_within(rows.flags, y):
        flag = flag_at(place_flags(scene.flags, axis, name_px), x)
        return [] if flag is None else [_flag_item(flag)]
    if is_within(rows.touches, y):
        found = scene.touches.near(axis, x, _REACH_PX)
        return [touch_item(scene.scenario, index) for index in found]
    if rows.dma_top <= y:
        return _events_at(scene, axis, x, -1)
    lane = rows.lane_at(y)
    return [] if lane is None else _events_at(scene, axis, x, lane)


def _phases_at(scenario: Scenario, axis: TimeAxis, x: float) -> list[Item]:
    items = (phase_item(scenario, index) for index in range(len(scenario.phases)))
    near = [item for item in items if abs(axis.x(item.time_ns) - x) <= _REACH_PX]
    return sorted(near, key=lambda item: abs(axis.x(item.time_ns) - x))


def _flag_item(flag: Flag) -> Item:
    kind = ItemKind.BOOKMARK if flag.kind is FlagKind.BOOKMARK else ItemKind.EVENT
    return Item(kind, flag.index, flag.time_ns)


def _events_at(scene: Scene, axis: TimeAxis, x: float, lane: int) -> list[Item]:
    scenario = scene.scenario
    return [
        event_item(scenario, index)
        for index in scene.events.near(axis, x, lane, _REACH_PX)
        if scenario.events[index].kind not in FLAG_KINDS
    ]


def items_at_time(scenario: Scenario, time_ns: int) -> list[Item]:
    """Return the events, bookmarks and hand-written touches of exactly a time."""
    first, end = scenario.first_event_at(time_ns), scenario.events_until(time_ns)
    marks = enumerate(scenario.bookmarks)
    return [
        *(event_item(scenario, index) for index in range(first, end)),
        *(Item(ItemKind.BOOKMARK, i, m.time_ns) for i, m in marks if m.time_ns == time_ns),
        *(touch_item(scenario, i) for i, s in enumerate(scenario.sweeps) if s.time_ns == time_ns),
    ]


def phase_holding(scenario: Scenario, time_ns: int) -> Item | None:
    """Return the phase that lasts at a time."""
    started = [i for i, phase in enumerate(scenario.phases) if phase.start_ns <= time_ns]
    return phase_item(scenario, started[-1]) if started else None


def move_item(scenario: Scenario, item: Item, time_ns: int) -> Edit:
    """Let an item be at another time; MtrrvizError if it cannot be there."""
    match item.kind:
        case ItemKind.EVENT:
            return edits.move_events(scenario, [item.index], time_ns - item.time_ns)
        case ItemKind.PHASE:
            phase = replace(scenario.phases[item.index], start_ns=time_ns)
            return edits.change_phase(scenario, item.index, phase)
        case ItemKind.BOOKMARK:
            bookmark = replace(scenario.bookmarks[item.index], time_ns=time_ns)
            return edits.change_bookmark(scenario, item.index, bookmark)
        case ItemKind.TOUCH:
            touch = replace(scenario.sweeps[item.index], time_ns=time_ns)
            return edits.change_touch(scenario, item.index, touch)


def remove_item(scenario: Scenario, item: Item) -> Edit:
    """Take an item out."""
    match item.kind:
        case ItemKind.EVENT:
            return edits.remove_events(scenario, [item.index])
        case ItemKind.PHASE:
            return edits.remove_phase(scenario, item.index)
        case ItemKind.BOOKMARK:
            return edits.remove_bookmark(scenario, item.index)
        case ItemKind.TOUCH:
            return edits.remove_touches(scenario, [item.index])


def other_times_ns(
    scenario: Scenario, item: Item | None, events: frozenset[int] = frozenset()
) -> NDArray[np.int64]:
    """Return when everything but an item, and but the events of these indices, is, int64."""
    of_kind: dict[ItemKind, NDArray[np.int64]] = {
        ItemKind.EVENT: scenario.events.time_ns,
        ItemKind.PHASE: _times([phase.start_ns for phase in scenario.phases]),
        ItemKind.BOOKMARK: _times([mark.time_ns for mark in scenario.bookmarks]),
        ItemKind.TOUCH: _times([sweep.time_ns for sweep in scenario.sweeps]),
    }
    without = {ItemKind.EVENT: set(events)}
    if item is not None and item.index < len(of_kind.get(item.kind, ())):
        without.setdefault(item.kind, set()).add(item.index)
    left = (np.delete(times, list(without.get(kind, ()))) for kind, times in of_kind.items())
    return np.concatenate(list(left))


def _times(times_ns: list[int]) -> NDArray[np.int64]:
    return np.array(times_ns, np.int64)
