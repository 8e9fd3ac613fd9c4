"""The lane of touches: how many pages are touched within each pixel column, and by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.scenario.model import Scenario


class TouchTimes:
    """When pages are touched, and when hand-written touches begin and end.

    Made once for a scenario. Counting for the pixels of an axis is then one binary search a pixel,
    however many touches there are.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._times_ns = scenario.touches.time_ns
        sweeps = scenario.sweeps
        self._starts_ns = np.array([sweep.time_ns for sweep in sweeps], np.int64)
        self._ends_ns = self._starts_ns + np.array([s.lasts_ns for s in sweeps], np.int64)
        self._vcpus = np.array([sweep.vcpu for sweep in sweeps], np.int16)

    def __len__(self) -> int:
        """Return the number of touches, one a page."""
        return len(self._times_ns)

    def counts(self, axis: TimeAxis) -> NDArray[np.int64]:
        """Return the touches in each pixel column of the axis, its end too."""
        return axis.counts(self._times_ns)

    def lasting(self, axis: TimeAxis) -> NDArray[np.bool_]:
        """Return in which pixel columns of the axis, its end too, a hand-written touch lasts."""
        first = np.clip(axis.xs(self._starts_ns) - axis.left, 0, axis.width + 1)
        end = np.clip(axis.xs(self._ends_ns) - axis.left + 1, 0, axis.width + 1)
        change = np.zeros(axis.width + 2, np.int64)
        np.add.at(change, first, 1)
        np.add.at(change, end, -1)
        return np.cumsum(change)[:-1] > 0

    def starts(self, axis: TimeAxis) -> tuple[NDArray[np.intp], NDArray[np.int16]]:
        """Return the pixel at which each hand-written touch begins, and its vCPU."""
        return axis.xs(self._starts_ns).astype(np.intp), self._vcpus

    def count_near(self, axis: TimeAxis, x: float, reach_px: int) -> int:
        """Return how many pages are touched close to a pixel."""
        rows = axis.rows_around(self._times_ns, x, reach_px)
        return rows.stop - rows.start

    def near(self, axis: TimeAxis, x: float, reach_px: int) -> list[int]:
        """Return which hand-written touches begin close to a pixel, the nearest first."""
        low, high = axis.around(x, reach_px)
        found = np.flatnonzero((self._starts_ns >= low) & (self._starts_ns <= high))
        distance = np.abs(axis.xs(self._starts_ns[found]) - x)
        return [int(index) for index in found[np.argsort(distance, kind="stable")]]

    def at(self, axis: TimeAxis, x: float, reach_px: int) -> list[int]:
        """Return which hand-written touches begin, last or end close to a pixel, by time."""
        low, high = axis.around(x, reach_px)
        found = np.flatnonzero((self._starts_ns <= high) & (self._ends_ns >= low))
        return [int(index) for index in found[np.argsort(self._starts_ns[found], kind="stable")]]
