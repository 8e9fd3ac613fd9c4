"""What the map needs to know of a run's leaves in any layout: their kinds, and who lives when.

Made once a run, so that zoom and pan cost what is in view.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.ept import type_code
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.facts.kept import kept
from mtrrviz.geometry.map.map_counts import LiveCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.sim.run import Run
    from mtrrviz.sim.tables import LeafTable

Rows = NDArray[np.intp]
Gfns = NDArray[np.uint64]
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

    ``kinds`` are those that occur; ``number`` uint8 is the kind of each leaf. What was asked of one
    moment is kept until another is asked about, so that it can be worked out beside the window. It
    has columns and not their table: what is kept of that would keep it.
    """

    def __init__(self, leaves: LeafTable) -> None:
        self._first_gfn, self._level, self._zap = leaves.first_gfn, leaves.level, leaves.zap
        self._born_ns, self._died_ns = leaves.born_ns, leaves.died_ns
        self._by_gfn, self._by_death = leaves.by_gfn, leaves.by_death
        self.number, self.kinds = _kinds_of(leaves)
        self._living: tuple[int, tuple[Gfns, ...]] | None = None
        self._dropped: dict[tuple[int, int], tuple[Gfns, ...]] = {}

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
        dead = self._by_death
        births = (self._born_ns, self.number)
        deaths = (self._died_ns.take(dead), self.number.take(dead))
        return LiveCounts(births, deaths, len(self.kinds))

    def living(self, time_ns: int) -> tuple[Gfns, ...]:
        """Return the first gfns of the leaves of each kind that live at a time, ascending."""
        kept = self._living  # two threads may ask, about two moments
        if kept is None or kept[0] != time_ns:
            kept = self._living = (time_ns, tuple(self._gfns_of_living(time_ns)))
        return kept[1]

    def _gfns_of_living(self, time_ns: int) -> list[Gfns]:
        born = int(np.searchsorted(self._born_ns, np.int64(time_ns), "right"))
        is_alive = np.zeros(len(self._born_ns), np.bool_)
        np.greater(self._died_ns[:born], np.int64(time_ns), out=is_alive[:born])
        rows_by_level = [rows[is_alive.take(rows)] for rows in self._by_gfn]
        found: list[Gfns] = []
        for number, kind in enumerate(self.kinds):
            rows = rows_by_level[kind.level - 1]
            if sum(other.level == kind.level for other in self.kinds) > 1:
                rows = rows[self.number.take(rows) == number]
            found.append(self._first_gfn.take(rows))
        return found

    def dropped(self, spans_ns: Sequence[tuple[int, int]]) -> list[tuple[Gfns, ...]]:
        """Return by span of time what zaps dropped in it: first gfns by level, ascending.

        A span is after its first time, up to and at its last.
        """
        kept = self._dropped
        found = {span: kept.get(span) or self._dropped_in(*span) for span in spans_ns}
        self._dropped = found
        return [found[span] for span in spans_ns]

    def _dropped_in(self, after_ns: int, until_ns: int) -> tuple[Gfns, ...]:
        low, high = (
            bisect_right(self._by_death, time_ns, key=self._died_ns.__getitem__)
            for time_ns in (after_ns, until_ns)
        )
        rows = self._by_death[low:high]
        return starts_by_level(self._first_gfn, self._level, rows[self._zap.take(rows) >= 0])


@kept(of=lambda run: run.leaves)
def leaf_index(run: Run) -> LeafIndex:
    """Return the index of a run's leaves."""
    return LeafIndex(run.leaves)


def starts_by_level(
    first_gfn: Gfns, level: NDArray[np.uint8], rows: NDArray[np.integer]
) -> tuple[Gfns, ...]:
    """Return the first gfns of some leaves, those of each level ascending."""
    levels = level.take(rows)
    return tuple(np.sort(first_gfn.take(rows[levels == level])) for level in LEVEL_PAGES)


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
