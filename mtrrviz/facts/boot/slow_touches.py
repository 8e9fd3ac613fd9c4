"""How many touches of RAM went through leaves of slow types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.levels import LEVEL_SHIFTS
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.sorting import distinct
from mtrrviz.scenario.machine_spec import MachineSpec, RegionKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.touches import Touches
    from mtrrviz.sim.run import Run
    from mtrrviz.sim.tables import LeafTable


def touches_by_type(run: Run) -> dict[MemoryType, int]:
    """Return how many touches of RAM went through leaves of each type other than WB."""
    leaves, types = run.leaves, run.leaves.memory_type
    counts = dict.fromkeys((kind for kind in MemoryType if kind is not MemoryType.WB), 0)
    slow = (types != MemoryType.WB) & _in_ram(leaves.first_gfn, run.scenario.machine)
    for level in distinct(leaves.level[slow]).tolist():
        rows = np.flatnonzero(slow & (leaves.level == level))
        through = _touches_through(leaves, rows, run.scenario.touches, LEVEL_SHIFTS[int(level)])
        totals = np.bincount(types[rows], through, len(MemoryType) + 2)
        for kind in counts:
            counts[kind] += int(totals[kind])
    return counts


def _in_ram(gfn: NDArray[np.uint64], machine: MachineSpec) -> NDArray[np.bool_]:
    """Return which frames are RAM."""
    inside = np.zeros(len(gfn), np.bool_)
    for slot in machine.slots:
        if slot.kind is RegionKind.RAM:
            inside |= (gfn >= np.uint64(slot.first_gfn)) & (gfn < np.uint64(slot.end_gfn))
    return inside


def _touches_through(
    leaves: LeafTable, rows: NDArray[np.intp], touches: Touches, shift: np.uint64
) -> NDArray[np.int64]:
    """Return for leaves of one level how many touches each had while it lived.

    Touches of the leaves' blocks are put in order of block, then time, so that those of one leaf
    are neighbours. Most touches are not near any of the blocks, which is seen at once.
    """
    block_of_leaf = leaves.first_gfn[rows] >> shift
    blocks = distinct(block_of_leaf)
    block = np.searchsorted(blocks, block_of_leaf)
    born = np.searchsorted(touches.time_ns, leaves.born_ns[rows])
    died = np.searchsorted(touches.time_ns, leaves.died_ns[rows])
    total, start = len(touches), int(born.min())
    touched = touches.gfn[start : int(died.max())] >> shift
    at = np.flatnonzero((touched >= blocks[0]) & (touched <= blocks[-1]))
    place = np.searchsorted(blocks, touched[at])
    known = blocks[place] == touched[at]
    ordered = np.sort(place[known] * total + at[known] + start)
    first, last = block * total + born, block * total + died
    return np.searchsorted(ordered, last) - np.searchsorted(ordered, first)
