"""The events of a scenario as the timeline's lanes show them: kinds, lanes, pixel columns."""

from __future__ import annotations

from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mtrrviz.core.msr.registers import PAT
from mtrrviz.geometry.timeline.timeline_columns import visible
from mtrrviz.scenario.event_columns import KIND_CODES, KINDS, kind_flags
from mtrrviz.scenario.events import VM_KINDS, EventKind
from mtrrviz.scenario.model import USER, Scenario
from mtrrviz.sim.event_facts import refused_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.scenario.event_columns import EventColumns
    from mtrrviz.scenario.machine_spec import MachineSpec

_Number = TypeVar("_Number", bound=np.integer)

#: Most lanes of vCPUs; more vCPUs share lanes.
MAX_LANES = 16


class Mark(IntEnum):
    """How an event is drawn; later ones are drawn over earlier ones."""

    PAT = 0
    CR0 = 1
    INIT = 2
    MTRR = 3
    NOTE = 4
    REFUSED = 5
    USER = 6


class LaneEvents:
    """The events of a scenario as columns, ascending in time.

    ``time_ns`` int64; ``lane`` int16, -1 for events of the VM; ``mark`` uint8 (:class:`Mark`).
    ``before`` are those of an older scenario: the events before and after what differs are taken
    over.
    """

    def __init__(self, scenario: Scenario, before: LaneEvents | None = None) -> None:
        self.scenario = scenario
        self._names = {one.vcpu: one.name for one in scenario.vcpu_names}
        spec, events = scenario.machine, scenario.events
        self.vcpus_per_lane = -(-spec.vcpus // MAX_LANES)
        self.lanes = -(-spec.vcpus // self.vcpus_per_lane)
        known = None if before is None or before.scenario.machine is not spec else before
        first, last = (0, 0) if known is None else known.scenario.events.shared_ends(events)
        new = events[first : len(events) - last]
        lanes = [_lanes(part, rows, self.vcpus_per_lane) for part, rows in new.parts]
        marks = [_marks(spec, part, rows) for part, rows in new.parts]
        self.time_ns = events.time_ns
        self.lane = np.concatenate([np.empty(0, np.int16), *lanes])
        self.mark = np.concatenate([np.empty(0, np.uint8), *marks])
        if known is not None:
            ends = slice(0, first), slice(len(known.lane) - last, None)
            self.lane = _between(known.lane, ends, self.lane)
            self.mark = _between(known.mark, ends, self.mark)

    def lane_text(self, lane: int) -> str:
        """Return the name of a lane, "vCPU 3" or "vCPU 4-5"."""
        vcpus = self.vcpus_of(lane)
        first, last = vcpus[0], vcpus[-1]
        return f"vCPU {first}" if first == last else f"vCPU {first}-{last}"

    def given_name(self, lane: int) -> str:
        """Return the name that the scenario gives the lane's first vCPU, "" for none."""
        return self._names.get(self.vcpus_of(lane)[0], "")

    def lane_name(self, lane: int) -> str:
        """Return what the lane is called: its given name, else the usual one."""
        return self.given_name(lane) or self.lane_text(lane)

    def vcpus_of(self, lane: int) -> range:
        """Return the vCPUs of a lane."""
        first = lane * self.vcpus_per_lane
        return range(first, min(first + self.vcpus_per_lane, self.scenario.machine.vcpus))

    def columns(self, axis: TimeAxis) -> NDArray[np.intp]:
        """Return mark, lane and pixel of everything on the axis, each once, in this order."""
        rows = visible(self.time_ns, axis)
        first, starts = axis.first_rows(self.time_ns[rows])
        pixels = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        seen = np.zeros((len(Mark) * (self.lanes + 1), len(starts) - 1), np.bool_)
        seen[self._mark_and_lane[rows], pixels] = True
        code, pixel = np.nonzero(seen)
        mark, lane = np.divmod(code, self.lanes + 1)
        return np.stack([mark, lane - 1, pixel + first], axis=1)

    @cached_property
    def _mark_and_lane(self) -> NDArray[np.int16]:
        """One number for mark and lane of each event."""
        return self.mark * np.int16(self.lanes + 1) + self.lane + np.int16(1)

    def near(self, axis: TimeAxis, x: float, lane: int | None, reach_px: int = 4) -> list[int]:
        """Return indexes of the events within ``reach_px`` of a pixel, the nearest first.

        ``lane`` None looks at all of them.
        """
        part = axis.rows_around(self.time_ns, x, reach_px)
        rows = np.arange(int(part.start), int(part.stop))
        if lane is not None:
            rows = rows[self.lane[part] == lane]
        distance = np.abs(self.time_ns[rows] - axis.time_ns(x))
        return [int(row) for row in rows[np.argsort(distance, kind="stable")]]


def _between(
    old: NDArray[_Number], ends: tuple[slice, slice], new: NDArray[_Number]
) -> NDArray[_Number]:
    """Return what is new between the parts of an older column that stay."""
    return np.concatenate([old[ends[0]], new, old[ends[1]]])


def _lanes(events: EventColumns, rows: slice, vcpus_per_lane: int) -> NDArray[np.int16]:
    lanes = events.vcpu[rows] // np.int16(vcpus_per_lane)
    lanes[_OF_VM[events.kind[rows]]] = -1
    return lanes


def _marks(spec: MachineSpec, events: EventColumns, rows: slice) -> NDArray[np.uint8]:
    """Return how some rows of events are drawn; of several reasons the last one counts."""
    kind = events.kind[rows]
    marks = _USUAL_MARKS.take(kind)
    np.putmask(marks, (marks == Mark.MTRR) & (events.register[rows] == PAT), Mark.PAT)
    by_user = np.array([origin == USER for origin, _ in events.sayings], np.bool_)
    if by_user.any():
        np.putmask(marks, by_user.take(events.said[rows]), Mark.USER)
    np.putmask(marks, refused_rows(spec, events, rows), Mark.REFUSED)
    return marks


_OF_VM = kind_flags(VM_KINDS)
_USUAL_MARKS = np.full(len(KINDS), Mark.MTRR, np.uint8)
_USUAL_MARKS[_OF_VM] = Mark.NOTE
_USUAL_MARKS[KIND_CODES[EventKind.MOV_CR0]] = Mark.CR0
_USUAL_MARKS[KIND_CODES[EventKind.INIT]] = Mark.INIT
