"""Leaves as ranges of dots: which types are in each dot of the map at a time, and how full it is.

The first moment shown of a layout is counted from who lives then, so that zoom and pan cost what
dots cost and an edit is answered soon. Later moments cost what happened since the last keyframe:
keyframes are made once another moment is asked for, of very many leaves in another thread where
there is one, and until they are there each moment is counted like the first. Leaves within one dot
are counted; *wide* ones, that span dots, are laid over them one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import type_codes
from mtrrviz.core.levels import PAGES_OF_LEVEL
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.geometry.map.leaf_index import leaf_index, starts_by_level
from mtrrviz.geometry.map.map_counts import LiveCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mtrrviz.geometry.map.leaf_index import Gfns, Rows
    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.sim.run import Run

    _Counts = LiveCounts | None
    Aside = Callable[[Callable[[], _Counts], Callable[[_Counts], None]], None]
    """Does work beside the window and hands its result over in the window's thread."""

#: From so many leaves on keyframes are made in another thread: else they take a turn of some ms.
MANY = 1 << 19


class Cover(Record, eq=False):
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
    """The dots that each leaf of a run covers in a layout.

    ``aside`` lets work be done in another thread, always the same one.
    """

    def __init__(self, run: Run, layout: MapLayout, aside: Aside | None = None) -> None:
        self.leaves, self.index = run.leaves, leaf_index(run)
        self.kinds = self.index.kinds
        self._layout = layout
        self._dots = layout.dots
        self._wide = self._wide_rows()
        self._first_time_ns: int | None = None
        self._live_counts: LiveCounts | None = None
        self._aside = aside if len(run.leaves) >= MANY else None
        self._is_asked_for = False
        self._is_given_up = False

    def _wide_rows(self) -> Rows:
        """Return the rows of the leaves that are in view and span dots."""
        layout, found = self._layout, [np.empty(0, np.intp)]
        for level in (2, 3):
            rows = self.leaves.rows_in(level, layout.first_gfn, layout.end_gfn).astype(np.intp)
            first, last = self._dots_of(rows)
            found.append(rows[last > first])
        return np.sort(np.concatenate(found))

    def _dots_between(self, starts: Gfns, pages: int) -> tuple[Rows, Rows]:
        """Return first and last dot of leaves of so many pages, cut to the view, as all are in."""
        layout = self._layout
        low, high = np.uint64(layout.first_gfn), np.uint64(layout.end_gfn - 1)
        first = layout.dots_of(np.maximum(starts, low))
        return first, layout.dots_of(np.minimum(starts + np.uint64(pages - 1), high))

    def _dots_of(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return first and last dot of leaves, cut to the view; all must be in view."""
        layout, level = self._layout, self.leaves.level[rows]
        low, high = np.uint64(layout.first_gfn), np.uint64(layout.end_gfn - 1)
        start = self.leaves.first_gfn[rows]
        first = layout.dots_of(np.maximum(start, low))
        large = np.flatnonzero(level > 1)
        if not len(large):
            return first, first
        last = first.copy()
        final = start[large] + (PAGES_OF_LEVEL[level[large]] - np.uint64(1))
        last[large] = layout.dots_of(np.minimum(final, high))
        return first, last

    @property
    def wide(self) -> Rows:
        """The rows of all leaves of the run that are in view and span dots."""
        return self._wide

    def rows_in_dots(self, is_chosen: NDArray[np.bool_]) -> Rows:
        """Return the rows of all leaves of the run whose first dot in view is chosen."""
        edges = np.diff(is_chosen.astype(np.int8), prepend=0, append=0)
        found = [np.empty(0, np.intp)]
        begins, ends = (np.flatnonzero(edges == sign).tolist() for sign in (1, -1))
        for first, end in zip(begins, ends, strict=True):
            for level in LEVEL_PAGES:
                bounds = self._bounds(level)[[first, end]].tolist()
                found.append(self.leaves.rows_from(level, *bounds).astype(np.intp))
        return np.concatenate(found)

    def _bounds(self, level: int) -> NDArray[np.uint64]:
        """Return the gfns between which a level's leaves begin whose first dot in view is each."""
        starts, layout = self._layout.dot_starts, self._layout
        bounds = np.append(starts, np.uint64(layout.end_gfn))
        bounds[0] = layout.first_gfn & -LEVEL_PAGES[level]
        return bounds

    def live(self, rows: Rows, time_ns: int) -> Rows:
        """Return which of ``rows`` are there at a time."""
        leaves, now = self.leaves, np.int64(time_ns)
        return rows[(leaves.born_ns[rows] <= now) & (leaves.died_ns[rows] > now)]

    def cover(self, time_ns: int) -> Cover:
        """Return what the leaves of a time cover."""
        counts, tally = self._counts(time_ns)
        wide = self.live(self._wide, time_ns)
        types = np.zeros(self._dots, np.uint8)
        pages = np.zeros(self._dots, np.intp)
        for kind, count in zip(self.kinds, counts, strict=True):
            pages += count if kind.level == 1 else count * LEVEL_PAGES[kind.level]
            types |= (count > 0).view(np.uint8) << np.uint8(kind.memory_type)
        if len(wide):
            self._lay_over(wide, types, pages)
        is_part = (pages > 0) & (pages < self._layout.dot_pages)
        return Cover(types, is_part, counts, wide, tally)

    def _counts(self, time_ns: int) -> tuple[NDArray[np.intp], dict[tuple[int, int], int]]:
        """Return the number of leaves within each dot, (kinds, dots), and the tally of all."""
        if self._first_time_ns is None:
            self._first_time_ns = time_ns
        if self._live_counts is None and time_ns != self._first_time_ns:
            self._ask_for_keyframes()
        if self._live_counts is None or time_ns == self._first_time_ns:
            living = np.array([len(gfns) for gfns in self.index.living(time_ns)], np.intp)
            return self._counted(time_ns), self.index.tally(living)
        counts = self._live_counts.at(time_ns).reshape(len(self.kinds), self._dots + 1)
        is_all = self._layout.view is None
        totals = counts.sum(axis=1) if is_all else self.index.totals(time_ns)
        return counts[:, : self._dots], self.index.tally(totals)

    def _ask_for_keyframes(self) -> None:
        """Have keyframes made: at once, or in another thread if that was not asked for yet."""
        if self._aside is None:
            self._live_counts = self._made_keyframes()
        elif not self._is_asked_for:
            self._is_asked_for = True
            self._aside(self._keyframes_if_wanted, self._keep)

    def give_up(self) -> None:
        """Make no keyframes that are not begun: the layout, or the run, is shown no longer."""
        self._is_given_up = True

    def _keyframes_if_wanted(self) -> LiveCounts | None:
        return None if self._is_given_up else self._made_keyframes()

    def _keep(self, counts: LiveCounts | None) -> None:
        self._live_counts = counts

    def _counted(self, time_ns: int) -> NDArray[np.intp]:
        """Count the leaves of one moment, without what other moments could use."""
        counts = np.zeros((len(self.kinds), self._dots), np.intp)
        for number, gfns in enumerate(self.index.living(time_ns)):
            bounds = self._bounds(self.kinds[number].level)
            counts[number] = np.diff(np.searchsorted(gfns, bounds))
        wide = self.live(self._wide, time_ns)
        np.subtract.at(counts, (self.index.number[wide], self._dots_of(wide)[0]), 1)
        return counts

    def _made_keyframes(self) -> LiveCounts:
        """Count by kind and dot; what spans dots counts in one extra dot at the end.

        In the overview so does what is out of view; of a window it is left out.
        """
        leaves, is_all, bins = self.leaves, self._layout.view is None, self._dots + 1
        dots = np.full(len(leaves), self._dots if is_all else -1, np.int32)
        found: list[NDArray[np.int32]] = []
        for level in LEVEL_PAGES:
            bounds = self._bounds(level)
            rows = leaves.rows_from(level, int(bounds[0]), int(bounds[-1]))
            places = np.searchsorted(leaves.first_gfn.take(rows), bounds)
            dots[rows] = np.repeat(np.arange(self._dots, dtype=np.int32), np.diff(places))
            found.append(rows)
        dots[self._wide] = self._dots
        rows = slice(None) if is_all else np.sort(np.concatenate(found))
        dots[rows] += self.index.number[rows] * np.int32(bins)
        dead = leaves.by_death
        dead = dead[dots[dead] >= 0]
        births, deaths = (leaves.born_ns[rows], dots[rows]), (leaves.died_ns[dead], dots[dead])
        if not is_all:
            self.index.totals(0)  # computed here so that they are kept
        return LiveCounts(births, deaths, len(self.kinds) * bins)

    def _lay_over(self, wide: Rows, types: NDArray[np.uint8], pages: NDArray[np.intp]) -> None:
        """Add leaves that span dots: all of the dots between, part of the first and the last."""
        leaves, starts, sizes = self.leaves, self._layout.dot_starts, self._layout.dot_pages
        first, last = self._dots_of(wide)
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

    def marked(self, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which dots any leaf of ``rows`` touches."""
        leaves = self.leaves
        return self.marked_by(starts_by_level(leaves.first_gfn, leaves.level, rows))

    def marked_by(self, starts: Sequence[Gfns]) -> NDArray[np.bool_]:
        """Return which dots leaves touch whose first gfns are given by level, ascending."""
        is_marked = np.zeros(self._dots, np.bool_)
        for level, gfns in zip(LEVEL_PAGES, starts, strict=True):
            if len(gfns):
                is_marked |= np.diff(np.searchsorted(gfns, self._bounds(level))) > 0
            if len(gfns) and level > 1:
                shown = gfns[slice(*np.searchsorted(gfns, self._bounds(level)[[0, -1]]))]
                first, last = self._dots_between(shown, LEVEL_PAGES[level])
                is_marked |= self._over(first, last + 1) > 0
        return is_marked
