"""To which time a drag goes: that of something near the pointer, else a round one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sorting import distinct
from mtrrviz.geometry.timeline.time_axis import nice_step

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from mtrrviz.geometry.timeline.time_axis import TimeAxis

_THING_PX = 5
_ROUND_PX = 3
#: Round times lie at least so far apart, so that there is room between them.
_ROUND_EVERY_PX = 8


class SnapTimes:
    """The times that a drag snaps to; round ones follow from the axis."""

    def __init__(self, times_ns: ArrayLike) -> None:
        self._times = distinct(np.asarray(times_ns, np.int64))

    def snapped_ns(self, axis: TimeAxis, x: float) -> int:
        """Return the time that a pixel means: of a thing near it, a round one, or its own.

        Its own has no more digits than a pixel is worth.
        """
        at = axis.time_ns(x)
        thing = self._nearest(at)
        if thing is not None and abs(axis.x(thing) - x) <= _THING_PX:
            return thing
        pixel_ns = axis.span_ns / axis.width
        step, _ = nice_step(_ROUND_EVERY_PX * pixel_ns)
        rounded = _rounded(at, step, axis)
        if abs(axis.x(rounded) - x) <= _ROUND_PX:
            return rounded
        return _rounded(at, 10 ** max(0, math.floor(math.log10(pixel_ns))), axis)

    def _nearest(self, at_ns: int) -> int | None:
        place = int(np.searchsorted(self._times, np.int64(at_ns)))
        around = self._times[max(place - 1, 0) : place + 1]
        return min(around.tolist(), key=lambda time_ns: abs(time_ns - at_ns), default=None)


def _rounded(at_ns: int, step_ns: int, axis: TimeAxis) -> int:
    """Return the nearest multiple of a step that the axis has."""
    return min(round(at_ns / step_ns) * step_ns, axis.duration_ns)
