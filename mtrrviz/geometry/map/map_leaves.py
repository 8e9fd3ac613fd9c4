"""Leaves as ranges of dots: which types are in each dot of the map at a time, and how full it is.

What depends only on run and layout is worked out once; a frame costs what happened since the last
keyframe and what the dots cost. Leaves within one dot are counted (see LiveCounts); *wide* ones,
that span dots, are laid over them one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.ept import type_code, type_codes
from mtrrviz.core.levels import PAGES_OF_LEVEL
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.geometry.map.map_counts import Deaths, LiveCounts

if TYPE_CHECKING:
    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.sim.tables import LeafTable

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LeafKind:
    """Leaves of one level and one set of entry bits (type << 3 | IPAT << 6)."""

    level: int
    bits: int

    @property
    def memory_type(self) -> int:
        """The memory type's value."""
        return type_code(self.bits)


@dataclass(frozen=True, eq=False)
class Cover:
    """What the leaves of a moment do to each dot.

    ``types`` uint8: one bit a memory type value that is there; ``is_part`` bool: some pages are
    covered and some are not. ``counts`` intp (kinds, dots): leaves that lie within one dot.
    ``wide`` are the rows of the leaves in view that span dots. ``tally`` counts all leaves by
    (level, memory type value), those out of view included.
    """

    types: NDArray[np.uint8]
    is_part: NDArray[np.bool_]
    counts: NDArray[np.intp]
    wide: Rows
    tally: dict[tuple[int, int], int]


class LeafDots:
    """The dots that each leaf of a run covers in a layout."""

    def __init__(self, leaves: LeafTable, layout: MapLayout, deaths: Deaths | None = None) -> None:
        self.leaves = leaves
        self.deaths = deaths or Deaths.of(leaves)
        self._layout = layout
        self._dots = layout.dots
        first, last, is_shown = self._spans()
        # What is out of view counts in one extra dot at the end.
        self._first = np.where(is_shown, first, self._dots)
        self._last = np.where(is_shown, last, self._dots)
        self._wide = np.flatnonzero(self._last > self._first)
        number, self.kinds = _kinds_of(leaves)
        counted = self._first.copy()
        counted[self._wide] = self._dots
        bins = len(self.kinds) * (self._dots + 1)
        key = number * (self._dots + 1) + counted
        self._counts = LiveCounts(leaves, self.deaths, key, bins)

    def _spans(self) -> tuple[Rows, Rows, NDArray[np.bool_]]:
        """Return first and last dot of each leaf, cut to the view, and whether it is in view."""
        leaves, layout = self.leaves, self._layout
        low, high = np.uint64(layout.first_gfn), np.uint64(layout.end_gfn - 1)
        final = leaves.first_gfn + (leaves.pages - np.uint64(1))
        is_shown = (leaves.first_gfn <= high) & (final >= low)
        first = layout.dots_of(np.clip(leaves.first_gfn, low, high))
        last = first.copy()
        large = np.flatnonzero(leaves.level > 1)
        last[large] = layout.dots_of(np.clip(final[large], low, high))
        return first, last, is_shown

    @property
    def wide(self) -> Rows:
        """The rows of all leaves of the run that are in view and span dots."""
        return self._wide

    def dot_of_rows(self) -> Rows:
        """Return the first dot of every leaf; the number of dots for those out of view."""
        return self._first

    def live(self, rows: Rows, time_ns: int) -> Rows:
        """Return which of ``rows`` are there at a time."""
        leaves, now = self.leaves, np.int64(time_ns)
        return rows[(leaves.born_ns[rows] <= now) & (leaves.died_ns[rows] > now)]

    def cover(self, time_ns: int) -> Cover:
        """Return what the leaves of a time cover."""
        counts = self._counts.at(time_ns).reshape(len(self.kinds), self._dots + 1)
        tally = self._tally(counts)
        counts = counts[:, : self._dots]
        wide = self.live(self._wide, time_ns)
        types = np.zeros(self._dots, np.uint8)
        pages = np.zeros(self._dots, np.intp)
        for kind, count in zip(self.kinds, counts, strict=True):
            pages += count if kind.level == 1 else count * LEVEL_PAGES[kind.level]
            types |= (count > 0).view(np.uint8) << np.uint8(kind.memory_type)
        if len(wide):
            self._lay_over(wide, types, pages)
        return Cover(types, (pages > 0) & (pages < self._layout.dot_pages), counts, wide, tally)

    def _tally(self, counts: NDArray[np.intp]) -> dict[tuple[int, int], int]:
        """Return the number of leaves by (level, memory type value)."""
        tally: dict[tuple[int, int], int] = {}
        for kind, count in zip(self.kinds, counts.sum(axis=1).tolist(), strict=True):
            key = (kind.level, kind.memory_type)
            tally[key] = tally.get(key, 0) + count
        return tally

    def _lay_over(self, wide: Rows, types: NDArray[np.uint8], pages: NDArray[np.intp]) -> None:
        """Add leaves that span dots: all of the dots between, part of the first and the last."""
        leaves, starts, sizes = self.leaves, self._layout.dot_starts, self._layout.dot_pages
        first, last = self._first[wide], self._last[wide]
        memory_types = type_codes(leaves.bits[wide])
        for value in np.flatnonzero(np.bincount(memory_types, minlength=8)).tolist():
            mine = memory_types == value
            is_there = self._over(first[mine], last[mine] + 1) > 0
            types |= is_there.view(np.uint8) << np.uint8(value)
        begin = np.maximum(leaves.first_gfn[wide], starts[first]).astype(np.intp)
        end = (leaves.first_gfn[wide] + PAGES_OF_LEVEL[leaves.level[wide]]).astype(np.intp)
        head = starts[first].astype(np.intp) + sizes[first] - begin
        tail = np.minimum(end - starts[last].astype(np.intp), sizes[last])
        pages += self._over(first + 1, last) * sizes
        pages += np.bincount(first, head, self._dots).astype(np.intp)
        pages += np.bincount(last, tail, self._dots).astype(np.intp)

    def _over(self, first: Rows, end: Rows) -> NDArray[np.intp]:
        """Return by dot how many of the dot ranges [first, end) hold it."""
        steps = np.bincount(first, minlength=self._dots + 1)
        steps -= np.bincount(end, minlength=self._dots + 1)
        return np.cumsum(steps)[: self._dots]

    def marked(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which dots any leaf of ``rows`` touches."""
        first, last = self._first[rows], self._last[rows]
        shown = first < self._dots
        return self._over(first[shown], last[shown] + 1) > 0


def _kinds_of(leaves: LeafTable) -> tuple[Rows, tuple[LeafKind, ...]]:
    """Return the number of each leaf's kind and the kinds that occur in the run."""
    codes = leaves.level.astype(np.intp) << 8 | leaves.bits
    present = np.flatnonzero(np.bincount(codes, minlength=1))
    number = np.zeros(1 << 10, np.intp)
    number[present] = np.arange(len(present))
    return number[codes], tuple(LeafKind(code >> 8, code & 255) for code in present.tolist())
