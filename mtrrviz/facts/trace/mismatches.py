"""Which real entries differ from the model's at a time, and the pages that they map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.levels import LEVEL_SHIFTS
from mtrrviz.facts.trace.trace_check import trace_check

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.observed import ObservedLeaves
    from mtrrviz.sim.run import State


def mismatches(state: State) -> NDArray[np.intp]:
    """Return the rows of observed leaves that are there now and differ from the model's."""
    return trace_check(state.run).standing(state.time_ns)


def mismatches_in(state: State, gfns: tuple[int, int]) -> NDArray[np.intp]:
    """Return the rows of observed leaves in gfns [first, end) that differ at this time."""
    rows = mismatches(state)
    first, end = observed_spans(state.run.scenario.observed, rows)
    inside = (first < np.uint64(gfns[1])) & (end > np.uint64(gfns[0]))
    return rows[inside]


def observed_spans(
    observed: ObservedLeaves, rows: NDArray[np.intp]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return first gfn and end of the blocks that leaves map."""
    shifts = LEVEL_SHIFTS[observed.level[rows]]
    first = observed.gfn[rows] >> shifts << shifts
    return first, first + (np.uint64(1) << shifts)
