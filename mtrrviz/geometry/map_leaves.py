"""Leaves as ranges of dots: which types are in each dot of the map at a time, and how full it is.

What depends only on run and layout is worked out once; a frame costs what the live leaves cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.geometry.map_layout import MapLayout
from mtrrviz.sim.tables import LeafTable

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Cover:
    """What the leaves of a moment do to each dot.

    ``types`` uint8: one bit a memory type value that is there; ``is_part`` bool: some pages are
    covered and some are not. ``tally`` counts all leaves by (level, memory type value), those out
    of view included.
    """

    types: NDArray[np.uint8]
    is_part: NDArray[np.bool_]
    tally: dict[tuple[int, int], int]


class LeafDots:
    """The dots that each leaf of a run covers in a layout."""

    def __init__(self, leaves: LeafTable, layout: MapLayout) -> None:
        self._leaves = leaves
        self._layout = layout
        self._dots = layout.dots
        self._place()

    def _place(self) -> None:
        """Work out the class and the first dot of every leaf, and which leaves span dots."""
        leaves, bins = self._leaves, self._dots + 1
        first, last, is_shown = self._spans()
        kinds = leaves.level.astype(np.intp) << 3 | leaves.memory_type
        present = np.flatnonzero(np.bincount(kinds, minlength=32))
        number = np.zeros(32, np.intp)
        number[present] = np.arange(len(present))
        self._kinds = [(int(kind) >> 3, int(kind) & 7) for kind in present]
        # Leaves outside the view count in one extra bin at the end of their class.
        first[~is_shown] = self._dots
        self._key = number[kinds] * bins + first
        self._is_wide = is_shown & (last > first)
        self._wide_end = last - first + 1
        self._has_wide = bool(self._is_wide.any())

    def _spans(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
        """Return first and last dot of each leaf, cut to the view, and whether it is in view."""
        leaves, layout = self._leaves, self._layout
        low, high = np.uint64(layout.first_gfn), np.uint64(layout.end_gfn - 1)
        final = leaves.first_gfn + (leaves.pages - np.uint64(1))
        is_shown = (leaves.first_gfn <= high) & (final >= low)
        first = layout.dots_of(np.clip(leaves.first_gfn, low, high))
        last = first.copy()
        large = np.flatnonzero(leaves.level > 1)
        last[large] = layout.dots_of(np.clip(final[large], low, high))
        return first, last, is_shown

    def cover(self, rows: Rows) -> Cover:
        """Return what the leaves in ``rows`` of the table cover."""
        bins = self._dots + 1
        key = self._key[rows]
        counts = np.bincount(key, minlength=len(self._kinds) * bins)
        counts = counts.reshape(len(self._kinds), bins)
        tally = dict(zip(self._kinds, counts.sum(axis=1).tolist(), strict=True))
        counts = counts[:, : self._dots]
        wide = self._wide_counts(rows)
        types = np.zeros(self._dots, np.uint8)
        pages = np.zeros(self._dots, np.int64)
        for number, (level, memory_type) in enumerate(self._kinds):
            count = counts[number]
            pages += count * LEVEL_PAGES[level]
            is_there = count > 0
            if wide is not None:
                is_there |= wide[number] > 0
                pages += wide[number] * LEVEL_PAGES[level]
            types |= is_there.view(np.uint8) << np.uint8(memory_type)
        return Cover(types, (pages > 0) & (pages < self._layout.dot_pages), tally)

    def _wide_counts(self, rows: Rows) -> NDArray[np.intp] | None:
        """Return by class how many leaves that span dots lie over each; None without any."""
        if not self._has_wide:
            return None
        wide = rows[self._is_wide[rows]]
        if not len(wide):
            return None
        bins = self._dots + 1
        size = len(self._kinds) * bins
        low = np.bincount(self._key[wide], minlength=size)
        high = np.bincount(self._key[wide] + self._wide_end[wide], minlength=size)
        steps = (low - high[:size]).reshape(len(self._kinds), bins)
        return np.cumsum(steps, axis=1)[:, : self._dots]

    def marked(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which dots any leaf of ``rows`` touches."""
        bins = self._dots + 1
        marks = np.zeros(bins + 1, np.int32)
        first = self._key[rows] % bins
        marks[first] = 1
        wide = rows[self._is_wide[rows]] if self._has_wide else rows[:0]
        if len(wide):
            start = self._key[wide] % bins
            steps = np.bincount(start, minlength=bins + 1)
            steps -= np.bincount(start + self._wide_end[wide], minlength=bins + 1)
            marks += np.cumsum(steps).astype(np.int32)
        return marks[: self._dots] > 0
