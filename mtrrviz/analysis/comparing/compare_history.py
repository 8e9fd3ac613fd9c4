"""How much two EPTs differ at every time, without laying them over each other at every time.

A leaf is a rectangle of pages and time. Within one run the rectangles never overlap; an overlap of
one of each run says for how many pages and how long both have a leaf, and whether it is the same.
Sizes are powers of two and aligned, so the smaller of two that overlap lies within the larger.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.levels import LEVEL_SHIFTS, PAGES_OF_LEVEL
from mtrrviz.core.record import Record
from mtrrviz.core.sorting import distinct
from mtrrviz.facts.differences import DifferenceKind, kinds_of
from mtrrviz.sim.tables import ALIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.sim.tables import LeafTable

_LEVELS = (1, 2, 3)
#: Overlaps worked on at once; bounds the memory that many small leaves in large ones take.
_AT_ONCE = 1 << 21

Rows = NDArray[np.intp]


class DifferenceHistory(Record, eq=False, dict=True):
    """How many pages differ in which way, from each time on until the next.

    ``times_ns`` int64, ascending: every time at which either EPT changes. ``pages`` int64 (kinds,
    times), the row of a kind is its value; that of EQUAL counts pages mapped alike.
    """

    times_ns: NDArray[np.int64]
    pages: NDArray[np.int64]

    def pages_at(self, time_ns: int) -> dict[DifferenceKind, int]:
        """Return how many pages there are of each kind at a time."""
        row = int(np.searchsorted(self.times_ns, np.int64(time_ns), "right")) - 1
        return {kind: int(self.pages[kind, row]) if row >= 0 else 0 for kind in DifferenceKind}

    @cached_property
    def differing_pages(self) -> NDArray[np.int64]:
        """The number of pages that differ in any way, int64, for each time."""
        return self.pages[DifferenceKind.ONLY_A :].sum(axis=0)

    @cached_property
    def first_ns(self) -> int | None:
        """The first time at which the EPTs differ, or None if they never do."""
        found = np.flatnonzero(self.differing_pages)
        return int(self.times_ns[found[0]]) if len(found) else None

    @cached_property
    def changes_ns(self) -> list[int]:
        """The times at which another set of kinds of difference begins, ascending."""
        present = self.pages[DifferenceKind.ONLY_A :] > 0
        before = np.zeros_like(present)
        before[:, 1:] = present[:, :-1]
        found = np.flatnonzero((present != before).any(axis=0))
        return [int(time_ns) for time_ns in self.times_ns[found]]

    def next_change(self, time_ns: int) -> int | None:
        """Return the first change of the kinds of difference after ``time_ns``, or None."""
        index = bisect_right(self.changes_ns, time_ns)
        return self.changes_ns[index] if index < len(self.changes_ns) else None

    def previous_change(self, time_ns: int) -> int | None:
        """Return the last change of the kinds of difference before ``time_ns``, or None."""
        index = bisect_left(self.changes_ns, time_ns)
        return self.changes_ns[index - 1] if index else None


class _Lives(Record, eq=False):
    """Leaves that lived for a while; ``born`` and ``died`` count into all times of both runs."""

    gfn: NDArray[np.uint64]
    level: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    born: Rows
    died: Rows

    @property
    def pages(self) -> NDArray[np.int64]:
        """The number of pages of each leaf, int64."""
        return PAGES_OF_LEVEL[self.level].astype(np.int64)

    def of_level(self, level: int) -> _Lives:
        """Return the leaves of one size."""
        return self.chosen(np.flatnonzero(self.level == level))

    def chosen(self, rows: Rows) -> _Lives:
        """Return some of the leaves."""
        return _Lives(
            self.gfn[rows], self.level[rows], self.bits[rows], self.born[rows], self.died[rows]
        )


def difference_history(first: LeafTable, second: LeafTable) -> DifferenceHistory:
    """Return how much the EPTs of two runs differ at every time."""
    columns = (first.born_ns, first.died_ns, second.born_ns, second.died_ns)
    times = distinct(np.concatenate(columns))
    lives_a, lives_b = _lives(first, times), _lives(second, times)
    steps = np.zeros((len(DifferenceKind), len(times)), np.int64)
    for a, b in _overlaps(lives_a, lives_b, len(times)):
        _count_overlaps(steps, a, b)
    both = steps.sum(axis=0)
    steps[DifferenceKind.ONLY_A] = _page_steps(lives_a, len(times)) - both
    steps[DifferenceKind.ONLY_B] = _page_steps(lives_b, len(times)) - both
    happened = int(np.searchsorted(times, ALIVE))  # what never dies has no time of death
    return DifferenceHistory(times[:happened], np.cumsum(steps, axis=1)[:, :happened])


def _lives(leaves: LeafTable, times: NDArray[np.int64]) -> _Lives:
    """Return the leaves that were there for any time at all."""
    rows = np.flatnonzero(leaves.born_ns < leaves.died_ns)
    born = np.searchsorted(times, leaves.born_ns[rows])
    died = np.searchsorted(times, leaves.died_ns[rows])
    return _Lives(leaves.first_gfn[rows], leaves.level[rows], leaves.bits[rows], born, died)


def _page_steps(lives: _Lives, times: int) -> NDArray[np.int64]:
    """Return by how many pages the EPT grows at each time."""
    grown = np.bincount(lives.born, lives.pages, times) - np.bincount(
        lives.died, lives.pages, times
    )
    return grown.astype(np.int64)


def _overlaps(first: _Lives, second: _Lives, times: int) -> Iterator[tuple[_Lives, _Lives]]:
    """Yield pairs of leaves, one of each run, that share pages at some time."""
    for level_a in _LEVELS:
        for level_b in _LEVELS:
            a, b = first.of_level(level_a), second.of_level(level_b)
            if not len(a.gfn) or not len(b.gfn):
                continue
            if level_a <= level_b:
                yield from _matches(a, b, int(LEVEL_SHIFTS[level_b]), times)
            else:
                yield from ((x, y) for y, x in _matches(b, a, int(LEVEL_SHIFTS[level_a]), times))


def _matches(
    small: _Lives, large: _Lives, shift: int, times: int
) -> Iterator[tuple[_Lives, _Lives]]:
    """Yield pairs of a small leaf and a large one that holds it, both alive at some time.

    Large leaves of one place follow each other in time, so those that meet a small one are
    neighbours once they are in order of place and time. Leaves come in order of birth.
    """
    large = large.chosen(np.argsort(large.gfn, kind="stable"))
    keys = (large.gfn >> np.uint64(shift)).astype(np.intp)
    is_new = np.append(np.True_, keys[1:] != keys[:-1])
    places, base = keys[is_new], (np.cumsum(is_new) - 1) * times
    # In the order of places and births too, since looking up in order is so much faster.
    small = small.chosen(np.argsort(small.gfn, kind="stable"))
    wanted = (small.gfn >> np.uint64(shift)).astype(np.intp)
    place = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
    hits = np.flatnonzero(places[place] == wanted)
    small, place = small.chosen(hits), place[hits]
    low = np.searchsorted(base + large.died, place * times + small.born, "right")
    high = np.searchsorted(base + large.born, place * times + small.died, "left")
    counts = np.maximum(high - low, 0)
    for part in _parts(counts):
        repeats = counts[part]
        owner = np.repeat(np.arange(part.start, part.stop, dtype=np.intp), repeats)
        before = np.repeat(np.cumsum(repeats) - repeats, repeats)
        within = np.arange(len(owner), dtype=np.intp) - before
        yield small.chosen(owner), large.chosen(low[owner] + within)


def _parts(counts: Rows) -> Iterator[slice]:
    """Yield slices of rows that stand for about as many overlaps as are worked on at once."""
    totals = np.cumsum(counts)
    start = 0
    while start < len(counts):
        done = int(totals[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(totals, done + _AT_ONCE, "right")))
        yield slice(start, stop)
        start = stop


def _count_overlaps(steps: NDArray[np.int64], a: _Lives, b: _Lives) -> None:
    """Add the pages of overlaps to the kind that they are of, and take them off at their end."""
    kinds = kinds_of(a.bits.astype(np.int16), b.bits.astype(np.int16))
    pages = np.minimum(a.pages, b.pages)
    born, died = np.maximum(a.born, b.born), np.minimum(a.died, b.died)
    for kind in np.flatnonzero(np.bincount(kinds)).tolist():
        mine = kinds == kind
        width = steps.shape[1]
        grown = np.bincount(born[mine], pages[mine], width)
        steps[kind] += (grown - np.bincount(died[mine], pages[mine], width)).astype(np.int64)
