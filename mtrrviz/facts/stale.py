"""Which leaves are stale: live ones that a fault now would make differently.

Always asked about one vCPU, whose faults they would be. A leaf is stale if it holds any page that
such a fault would map with another type or another IPAT, be it the leaf's first page or not. Leaves
of passed-through devices are compared with what faults on those get. The size that a fault would
choose does not count: accesses through a smaller leaf of the same type are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from mtrrviz.core.ept import type_code
from mtrrviz.core.levels import PAGES_OF_LEVEL
from mtrrviz.core.record import Record
from mtrrviz.core.sorting import distinct
from mtrrviz.facts.expected import Expected, expected_at, leaf_sets, set_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.sim.run import State
    from mtrrviz.sim.tables import LeafTable

#: The last result for each run's leaves: maps and tables ask for it again in each frame.
_KEPT: WeakKeyDictionary[LeafTable, tuple[Expected, NDArray[np.bool_]]] = WeakKeyDictionary()


def stale_rows(state: State, vcpu: int) -> NDArray[np.intp]:
    """Return the rows of the live leaves that are stale for faults by ``vcpu``, in order of birth.

    Exact at the state's time: events and touches of that very time have happened.
    """
    live, expected = state.live_rows, expected_at(state, vcpu)
    return live[stale_mask(expected, state.run.leaves)[live]]


def is_stale(state: State, vcpu: int, row: int) -> bool:
    """Return whether one live leaf is stale for faults by ``vcpu``."""
    rows = np.array([row], np.intp)
    return bool(stale_leaves(expected_at(state, vcpu), state.run.leaves, rows)[0])


def stale_mask(expected: Expected, leaves: LeafTable) -> NDArray[np.bool_]:
    """Return for all leaves of a run, alive or not, whether they differ from ``expected``."""
    kept = _KEPT.get(leaves)
    if kept is None or kept[0] is not expected:
        kept = _KEPT[leaves] = (expected, stale_leaves(expected, leaves))
    return kept[1]


def stale_leaves(
    expected: Expected, leaves: LeafTable, rows: NDArray[np.intp] | None = None
) -> NDArray[np.bool_]:
    """Return which leaves, alive or not, hold a page that a fault would map otherwise.

    Asks about ``rows`` of the table, or about all of it.
    """
    chosen = slice(None) if rows is None else rows
    first, level, bits = leaves.first_gfn[chosen], leaves.level[chosen], leaves.bits[chosen]
    if expected.pagewise is not None:
        return _stale_pagewise(expected, (first, level, bits))
    if len(expected.starts) == 1:
        return bits != expected.bits[0]
    interval = np.searchsorted(expected.starts, first, "right") - 1
    is_stale = expected.bits[interval] != bits
    large = np.flatnonzero(level > 1)
    final = first[large] + (PAGES_OF_LEVEL[level[large]] - np.uint64(1))
    is_stale[large] |= np.searchsorted(expected.starts, final, "right") - 1 != interval[large]
    return is_stale


def _stale_pagewise(
    expected: Expected, leaves: tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint8]]
) -> NDArray[np.bool_]:
    """Return the same where intervals hold pages of several types, by the blocks of the leaves."""
    first, level, bits = leaves
    is_stale = np.zeros(len(first), np.bool_)
    for size in distinct(level).tolist():
        rows = np.flatnonzero(level == size)
        blocks, of_row = np.unique(first[rows], return_inverse=True)
        sets = expected.sets_in(blocks, blocks + PAGES_OF_LEVEL[size])
        is_stale[rows] = sets[of_row] != leaf_sets(bits[rows])
    return is_stale


class StaleGroup(Record, eq=False):
    """Stale leaves of equal bits for which faults would make equal others.

    ``rows`` of the leaf table, lowest gfn first; ``has`` are their bits, ``wants`` those of the
    leaves that faults on some of their pages would make.
    """

    rows: NDArray[np.intp]
    has: int
    wants: tuple[int, ...]

    @property
    def is_same_type(self) -> bool:
        """Whether only IPAT would be another."""
        return {type_code(bits) for bits in self.wants} == {type_code(self.has)}


def stale_groups(state: State, vcpu: int) -> list[StaleGroup]:
    """Return the leaves that are stale for faults by ``vcpu``, by what they are and should be."""
    leaves, rows = state.run.leaves, stale_rows(state, vcpu)
    rows = rows[np.argsort(leaves.first_gfn[rows], kind="stable")]
    first, bits = leaves.first_gfn[rows], leaves.bits[rows]
    wants = expected_at(state, vcpu).sets_in(first, first + leaves.pages[rows]) & ~leaf_sets(bits)
    keys = bits.astype(np.uint32) << np.uint32(16) | wants
    return [
        StaleGroup(rows[keys == key], key >> 16, tuple(set_bits(key & 0xFFFF)))
        for key in distinct(keys).tolist()
    ]
