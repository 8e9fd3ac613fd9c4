"""Flags on the timeline: bookmarks, notes, disabled quirks; named as far as there is room."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.facts.event_words import event_words
from mtrrviz.scenario.events import QUIRK_KINDS, EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.scenario.model import Scenario

#: Room between a flag's pole and its name, and after the name.
NAME_LEFT_PX = 9
_AFTER_PX = 4
_HALF_FLAG_PX = 4
#: Names reach at most so far beyond the axis, where the picture ends.
_FARTHEST_PX = 4


class FlagKind(Enum):
    """What a flag stands for."""

    BOOKMARK = "bookmark"
    NOTE = "note"
    QUIRK = "VMM"
    """The VMM disables a quirk."""


_EVENT_FLAGS = {EventKind.NOTE: FlagKind.NOTE} | dict.fromkeys(QUIRK_KINDS, FlagKind.QUIRK)
#: Kinds of events that stand as flags, not in a lane.
FLAG_KINDS = frozenset(_EVENT_FLAGS)


class Flag(Record):
    """A flag; ``index`` counts among the scenario's bookmarks, else among its events."""

    kind: FlagKind
    index: int
    time_ns: int
    name: str


class PlacedFlag(Record):
    """A flag on an axis: its pole's pixel, and the pixel where its name has to end."""

    flag: Flag
    x: int
    right: int


def flags_of(scenario: Scenario) -> tuple[Flag, ...]:
    """Return the flags of a scenario in order of time, of one time bookmarks first."""
    bookmarks = (
        Flag(FlagKind.BOOKMARK, index, mark.time_ns, mark.name)
        for index, mark in enumerate(scenario.bookmarks)
    )
    events = (
        Flag(_EVENT_FLAGS[event.kind], index, event.time_ns, event_words(event))
        for index in scenario.events.rows_of(FLAG_KINDS)
        for event in (scenario.events[index],)
    )
    return tuple(sorted((*bookmarks, *events), key=lambda flag: flag.time_ns))


def place_flags(
    flags: Sequence[Flag], axis: TimeAxis, name_px: Callable[[str], int]
) -> list[PlacedFlag]:
    """Place the flags on the axis from the left; of those on one pixel the first is placed.

    ``name_px`` is the width of a name. A name ends before the next flag.
    """
    xs: dict[int, Flag] = {}
    for flag in flags:
        x = round(axis.x(flag.time_ns))
        if axis.left - _HALF_FLAG_PX <= x <= axis.right + _HALF_FLAG_PX:
            xs.setdefault(x, flag)
    ends = [*(x - _HALF_FLAG_PX for x in list(xs)[1:]), axis.right + _FARTHEST_PX]
    return [
        PlacedFlag(flag, x, min(end, x + NAME_LEFT_PX + name_px(flag.name) + _AFTER_PX))
        for (x, flag), end in zip(xs.items(), ends, strict=False)  # there is no end without flags
    ]


def flag_at(placed: Sequence[PlacedFlag], x: float) -> Flag | None:
    """Return the flag whose pole or name is at a pixel."""
    for one in placed:
        if one.x - _HALF_FLAG_PX <= x < max(one.right, one.x + NAME_LEFT_PX):
            return one.flag
    return None
