"""Conditions on leaves: faulted in, zapped, of another type than before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sorting import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.sim.run import Run
    from mtrrviz.sim.tables import LeafTable

_NO_TYPE = 0xFF


def rows_within(leaves: LeafTable, gfns: tuple[int, int] | None) -> NDArray[np.intp]:
    """Return the rows of all leaves that hold a frame of [first, end), of all leaves for None."""
    if gfns is None:
        return np.arange(len(leaves), dtype=np.intp)
    first, end = (np.uint64(gfn) for gfn in gfns)
    return np.flatnonzero((leaves.first_gfn < end) & (leaves.first_gfn + leaves.pages > first))


def faults(stop: StopCondition, run: Run) -> NDArray[np.int64]:
    """Return when faults make leaves in the range, of the vCPU if one is named."""
    leaves = run.leaves
    rows = rows_within(leaves, stop.gfns)
    if stop.vcpu is not None:
        rows = rows[leaves.vcpu[rows] == stop.vcpu]
    return leaves.born_ns[rows]


def zaps(stop: StopCondition, run: Run) -> NDArray[np.int64]:
    """Return when leaves of the range are zapped; without a range, when KVM zaps at all."""
    if stop.gfns is None:
        return run.zaps.time_ns
    rows = rows_within(run.leaves, stop.gfns)
    return run.leaves.died_ns[rows[run.leaves.zap[rows] >= 0]]


def leaf_type_changes(stop: StopCondition, run: Run) -> list[int]:
    """Return when a page of the range gets a leaf of another type than its last one had.

    The range is cut where leaves begin and end, so each piece has one leaf at a time.
    """
    leaves = run.leaves
    rows = rows_within(leaves, stop.gfns)
    if stop.gfns is None or not len(rows):
        return []
    low, high = (np.uint64(gfn) for gfn in stop.gfns)
    firsts = np.maximum(leaves.first_gfn[rows], low)
    ends = np.minimum(leaves.first_gfn[rows] + leaves.pages[rows], high)
    cuts = distinct(np.concatenate([firsts, ends]))
    types = leaves.memory_type[rows]
    last = np.full(len(cuts), _NO_TYPE, np.uint8)
    times: list[int] = []
    spans = zip(np.searchsorted(cuts, firsts), np.searchsorted(cuts, ends), strict=True)
    for (start, stop_at), kind, born_ns in zip(spans, types, leaves.born_ns[rows], strict=True):
        piece = last[start:stop_at]
        if ((piece != kind) & (piece != _NO_TYPE)).any():
            times.append(int(born_ns))
        piece[:] = kind
    return times
