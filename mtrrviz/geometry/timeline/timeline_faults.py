"""The lane of faults: how many leaves of each memory type were made within each pixel column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.facts.kept import kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.sim.run import Run
    from mtrrviz.sim.tables import LeafTable


#: The share of the room that a column has at least.
_LEAST_SHARE = 0.35


class FaultTimes:
    """When leaves were made, sorted by the memory type that they got.

    Made once for a run. Counting for the pixels of an axis is then a few binary searches a pixel,
    however many leaves there are.
    """

    def __init__(self, leaves: LeafTable) -> None:
        self._born_ns = leaves.born_ns
        types = leaves.memory_type
        masks = ((kind, types == kind) for kind in MEMORY_TYPES)
        self._times = {
            kind: leaves.born_ns if mask.all() else leaves.born_ns[mask]
            for kind, mask in masks
            if mask.any()
        }

    def __len__(self) -> int:
        """Return the number of faults."""
        return len(self._born_ns)

    @property
    def kinds(self) -> tuple[MemoryType, ...]:
        """The memory types that leaves got; the rows of :meth:`counts`."""
        return tuple(self._times)

    def counts(self, axis: TimeAxis) -> NDArray[np.int64]:
        """Return the faults of each type (rows) in each pixel column of the axis, its end too."""
        rows = [axis.counts(times) for times in self._times.values()]
        return np.array(rows, np.int64).reshape(len(rows), axis.width + 1)

    def near(self, axis: TimeAxis, x: float, reach_px: int) -> slice:
        """Return the rows of the leaves that were made close to a pixel."""
        return axis.rows_around(self._born_ns, x, reach_px)


@kept(of=lambda run: run.leaves)
def fault_times(run: Run) -> FaultTimes:
    """Return when a run's leaves were made."""
    return FaultTimes(run.leaves)


def bar_parts(counts: NDArray[np.int64], room_px: int) -> NDArray[np.int64]:
    """Return how many pixels high the part of each type is in each column, as ``counts`` is shaped.

    The fullest column takes all of ``room_px``, others less by the logarithm of their count, but
    never less than single faults need to be seen beside it. Every type that is there gets a pixel,
    so that the one UC leaf among a thousand WB ones is seen.
    """
    totals = counts.sum(axis=0)
    most = max(1, int(totals.max(initial=0)))
    kinds = np.count_nonzero(counts, axis=0)
    share = np.log1p(totals) / np.log1p(most)
    height = np.rint(room_px * (_LEAST_SHARE + (1 - _LEAST_SHARE) * share)).astype(np.int64)
    height[totals == 0] = 0
    shared = np.maximum(height - kinds, 0)
    reached = (np.cumsum(counts, axis=0) * shared + totals // 2) // np.maximum(totals, 1)
    return np.diff(reached, axis=0, prepend=0) + (counts > 0)
