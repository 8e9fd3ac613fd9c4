"""Where on the map real entries differ from the model's: which dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.facts.trace.mismatches import mismatches, observed_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.sim.run import State


def marked_dots(layout: MapLayout, state: State) -> NDArray[np.intp]:
    """Return the dots, ascending, that a real entry which differs at this time lies in."""
    first, end = observed_spans(state.run.scenario.observed, mismatches(state))
    low, high = np.uint64(layout.first_gfn), np.uint64(layout.end_gfn)
    inside = (first < high) & (end > low)
    if not inside.any():
        return np.zeros(0, np.intp)
    starts = layout.dots_of(np.maximum(first[inside], low))
    ends = layout.dots_of(np.minimum(end[inside], high) - np.uint64(1)) + 1
    depth = np.bincount(starts, minlength=layout.dots + 1)
    depth = depth - np.bincount(ends, minlength=layout.dots + 1)
    return np.flatnonzero(np.cumsum(depth)[: layout.dots] > 0)
