"""What the map needs to know of a run's leaves in any layout: their kinds, and who lives when.

Made once a run, so that zoom and pan cost what is in view.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.ept import type_code
from mtrrviz.core.record import Record
from mtrrviz.geometry.map.map_counts import LiveCounts

if TYPE_CHECKING:
    from mtrrviz.sim.tables import LeafTable

Rows = NDArray[np.intp]
_LEVEL_SHIFT = 4


class LeafKind(Record):
    """Leaves of one level and one set of entry bits (type << 3 | IPAT << 6)."""

    level: int
    bits: int

    @property
    def memory_type(self) -> int:
        """The memory type's value."""
        return type_code(self.bits)


class LeafIndex:
    """The leaves of a run by kind and time.

    ``kinds`` are those that occur; ``number`` uint8 is the kind of each leaf.
    """

    def __init__(self, leaves: LeafTable) -> None:
        self.leaves = leaves
        self.number, self.kinds = _kinds_of(leaves)
        self._living: tuple[int, tuple[NDArray[np.uint64], ...]] | None = None

    def tally(self, counts: NDArray[np.intp]) -> dict[tuple[int, int], int]:
        """Return counts by kind as counts by (level, memory type value)."""
        found: dict[tuple[int, int], int] = {}
        for kind, count in zip(self.kinds, counts.tolist(), strict=True):
            key = (kind.level, kind.memory_type)
            found[key] = found.get(key, 0) + count
        return found

    def totals(self, time_ns: int) -> NDArray[np.intp]:
        """Return the number of leaves of each kind that live at a time."""
        return self._totals.at(time_ns)

    @cached_property
    def _totals(self) -> LiveCounts:
        return LiveCounts.of(self.leaves, self.number, len(self.kinds))

    def living(self, time_ns: int) -> tuple[NDArray[np.uint64], ...]:
        """Return the first gfns of the leaves of each kind that live at a time, ascending."""
        if self._living is None or self._living[0] != time_ns:
            self._living = (time_ns, tuple(self._gfns_of_living(time_ns)))
        return self._living[1]

    def _gfns_of_living(self, time_ns: int) -> list[NDArray[np.uint64]]:
        leaves = self.leaves
        is_alive = (leaves.born_ns <= np.int64(time_ns)) & (leaves.died_ns > np.int64(time_ns))
        rows_by_level = [rows[is_alive.take(rows)] for rows in leaves.by_gfn]
        found: list[NDArray[np.uint64]] = []
        for number, kind in enumerate(self.kinds):
            rows = rows_by_level[kind.level - 1]
            found.append(leaves.first_gfn.take(rows[self.number.take(rows) == number]))
        return found


def _kinds_of(leaves: LeafTable) -> tuple[NDArray[np.uint8], tuple[LeafKind, ...]]:
    """Return the number of each leaf's kind and the kinds that occur in the run."""
    # Memory type and IPAT in the low bits, the level above: a table of all is small.
    codes = leaves.bits >> np.uint8(3)
    codes |= leaves.level << np.uint8(_LEVEL_SHIFT)
    is_there = np.zeros(1 << 8, np.bool_)
    is_there[codes] = True
    present = np.flatnonzero(is_there)
    number = np.zeros(1 << 8, np.uint8)
    number[present] = np.arange(len(present))
    kinds = (LeafKind(code >> _LEVEL_SHIFT, code % 16 << 3) for code in present.tolist())
    return number.take(codes), tuple(kinds)
