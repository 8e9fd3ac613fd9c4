"""Where on the timeline real entries that differ from the model's were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sorting import distinct
from mtrrviz.geometry.timeline.timeline_columns import visible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.facts.trace.trace_check import TraceCheck
    from mtrrviz.geometry.timeline.time_axis import TimeAxis


def mismatch_pixels(check: TraceCheck, axis: TimeAxis) -> NDArray[np.int32]:
    """Return the pixels, each once and ascending, at which differing entries were made."""
    times = check.observed.born_ns[check.rows]
    return distinct(axis.xs(times[visible(times, axis)]))


def mismatches_near(check: TraceCheck, axis: TimeAxis, x: float, reach_px: int) -> NDArray[np.intp]:
    """Return which differing entries (by number among them) were made close to a pixel."""
    times = check.observed.born_ns[check.rows]
    return np.flatnonzero(np.abs(axis.xs(times) - x) <= reach_px)
