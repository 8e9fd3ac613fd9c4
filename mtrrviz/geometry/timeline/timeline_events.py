"""The events of a scenario as the timeline's lanes show them: kinds, lanes, pixel columns."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.registers import PAT
from mtrrviz.geometry.timeline.timeline_columns import visible
from mtrrviz.scenario.events import VM_KINDS, Event, EventKind
from mtrrviz.scenario.model import USER, Scenario
from mtrrviz.sim.event_facts import is_refused

if TYPE_CHECKING:
    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.scenario.machine_spec import MachineSpec

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
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        spec, events = scenario.machine, scenario.events
        self.vcpus_per_lane = -(-spec.vcpus // MAX_LANES)
        self.lanes = -(-spec.vcpus // self.vcpus_per_lane)
        self.time_ns = np.array(scenario.event_times_ns, np.int64)
        self.lane = np.array(
            [-1 if e.kind in VM_KINDS else e.vcpu // self.vcpus_per_lane for e in events], np.int16
        )
        self.mark = np.array([_mark(spec, event) for event in events], np.uint8)

    def lane_text(self, lane: int) -> str:
        """Return the name of a lane, "vCPU 3" or "vCPU 4-5"."""
        vcpus = self.vcpus_of(lane)
        first, last = vcpus[0], vcpus[-1]
        return f"vCPU {first}" if first == last else f"vCPU {first}-{last}"

    def vcpus_of(self, lane: int) -> range:
        """Return the vCPUs of a lane."""
        first = lane * self.vcpus_per_lane
        return range(first, min(first + self.vcpus_per_lane, self._scenario.machine.vcpus))

    def columns(self, axis: TimeAxis) -> list[tuple[int, int, int]]:
        """Return (mark, lane, pixel) of everything on the axis, each once, by mark."""
        rows = visible(self.time_ns, axis)
        x = axis.xs(self.time_ns[rows]).astype(np.int64)
        # one number per (mark, lane, pixel), so that one sort finds the distinct ones
        offset = 1 << 21
        key = (self.mark[rows].astype(np.int64) << 40) + ((self.lane[rows] + np.int64(1)) << 24)
        distinct = np.unique(key + x + offset)
        marks, lanes = distinct >> 40, ((distinct >> 24) & 0xFFFF) - 1
        pixels = (distinct & 0xFF_FFFF) - offset
        return list(zip(marks.tolist(), lanes.tolist(), pixels.tolist(), strict=True))

    def near(self, axis: TimeAxis, x: float, lane: int | None, reach_px: int = 4) -> list[int]:
        """Return indexes of the events within ``reach_px`` of a pixel, the nearest first.

        ``lane`` None looks at all of them.
        """
        reach = reach_px * axis.span_ns / axis.width
        at = axis.start_ns + (x - axis.left) * axis.span_ns / axis.width
        low = int(np.searchsorted(self.time_ns, np.int64(np.floor(at - reach)), "left"))
        high = int(np.searchsorted(self.time_ns, np.int64(np.ceil(at + reach)), "right"))
        rows = np.arange(low, high)
        if lane is not None:
            rows = rows[self.lane[low:high] == lane]
        distance = np.abs(self.time_ns[rows] - at)
        return [int(row) for row in rows[np.argsort(distance, kind="stable")]]


def _mark(spec: MachineSpec, event: Event) -> Mark:
    if is_refused(spec, event):
        return Mark.REFUSED
    if event.origin == USER:
        return Mark.USER
    if event.kind in VM_KINDS:
        return Mark.NOTE
    if event.kind is EventKind.MOV_CR0:
        return Mark.CR0
    if event.kind is EventKind.INIT:
        return Mark.INIT
    return Mark.PAT if event.register == PAT else Mark.MTRR
