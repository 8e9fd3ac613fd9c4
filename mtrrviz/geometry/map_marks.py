"""Where on the map real entries differ from the model's: which dots, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.sim.tables import LEVEL_SHIFTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.map_layout import MapLayout
    from mtrrviz.scenario.observed import ObservedLeaves
    from mtrrviz.sim.run import State


def marked_dots(layout: MapLayout, state: State) -> NDArray[np.intp]:
    """Return the dots, ascending, that a real entry which differs at this time lies in."""
    first, end = _spans(state.run.scenario.observed, state.mismatches)
    low, high = np.uint64(layout.first_gfn), np.uint64(layout.end_gfn)
    inside = (first < high) & (end > low)
    if not inside.any():
        return np.zeros(0, np.intp)
    starts = layout.dots_of(np.maximum(first[inside], low))
    ends = layout.dots_of(np.minimum(end[inside], high) - np.uint64(1)) + 1
    depth = np.bincount(starts, minlength=layout.dots + 1)
    depth = depth - np.bincount(ends, minlength=layout.dots + 1)
    return np.flatnonzero(np.cumsum(depth)[: layout.dots] > 0)


def mismatches_in(state: State, gfns: tuple[int, int]) -> NDArray[np.intp]:
    """Return the rows of observed leaves in gfns [first, end) that differ at this time."""
    first, end = _spans(state.run.scenario.observed, state.mismatches)
    inside = (first < np.uint64(gfns[1])) & (end > np.uint64(gfns[0]))
    return state.mismatches[inside]


def _spans(
    observed: ObservedLeaves, rows: NDArray[np.intp]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return first gfn and end of the blocks that leaves map."""
    shifts = LEVEL_SHIFTS[observed.level[rows]]
    first = observed.gfn[rows] >> shifts << shifts
    return first, first + (np.uint64(1) << shifts)
