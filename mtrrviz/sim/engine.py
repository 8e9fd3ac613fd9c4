"""The simulation proper: touches and events go in, in time order; leaves and zaps come out.

One number a touched page says which small leaf covers it, one a touched block which huge one.
Leaves are only ever appended, so a zap of everything just raises the ``floor``: rows below it are
dead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.core.levels import PAGES_OF_LEVEL
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.sim.faults import FaultFinder, Faults
from mtrrviz.sim.growing_leaves import GrowingLeaves
from mtrrviz.sim.tables import ALIVE, LeafTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.sim.pages import PageIndex

_LEVELS = (1, 2, 3)


class _LeavesOfSize:
    """The leaves of one size: for each place a leaf of that size can have, its row.

    ``gfn`` is the first frame of each place, ascending. ``row`` is -1 where there never was a
    leaf; ``was`` says where there ever was one, ``in_use`` whether anywhere. ``under`` is the
    newest row of a smaller leaf within the place, so that the common case, nothing to
    replace, is seen at once.
    """

    def __init__(self, gfn: NDArray[np.uint64]) -> None:
        self.gfn = gfn
        self.row = np.full(len(gfn), -1, np.int32)
        self.was = np.zeros(len(gfn), np.bool_)
        self.under = np.full(len(gfn), -1, np.int32)
        self.in_use = False

    def put(self, places: NDArray[Any], rows: NDArray[np.int32]) -> None:
        """Note new leaves."""
        self.row[places] = rows
        self.was[places] = True
        self.in_use = True

    def take(self, places: slice, floor: int) -> NDArray[np.int32]:
        """Forget the leaves in a run of places and return the rows of those alive."""
        rows = self.row[places]
        alive = rows[rows >= floor]
        rows[:] = -1
        return alive

    def within(self, start_gfn: int, end_gfn: int, pages: int) -> slice:
        """Return the places of ``pages`` frames that intersect [start_gfn, end_gfn)."""
        low = np.uint64(start_gfn // pages * pages)
        high = np.uint64(min(end_gfn, (1 << 64) - 1))
        low_place, high_place = np.searchsorted(self.gfn, np.array([low, high]))
        return slice(int(low_place), int(high_place))


def _block_starts(gfn: NDArray[np.uint64], level: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the first frame of the block of each level that holds each frame."""
    return gfn & ~(PAGES_OF_LEVEL[level] - np.uint64(1))


class Engine:
    """The EPT of a running guest: its ``leaves`` so far, over the touched pages."""

    def __init__(
        self, pages: PageIndex, leaves: LeafTable | None = None, *, same_pages: bool = False
    ) -> None:
        """Start empty, or with the ``leaves`` of an earlier run that was of the ``same_pages``."""
        self._pages = pages
        self.leaves = GrowingLeaves(len(pages.page), leaves)
        self._finder = FaultFinder(pages)
        self._first_gfn = int(pages.gfn[0]) if len(pages.gfn) else 0
        self._last_gfn = int(pages.gfn[-1]) if len(pages.gfn) else 0
        self._cover = {
            1: _LeavesOfSize(pages.gfn),
            2: _LeavesOfSize(pages.large.gfn),
            3: _LeavesOfSize(pages.giant.gfn),
        }
        self._floor = 0
        self._newest_small = -1
        if leaves is not None and len(leaves):
            self._restore(leaves, same_pages)

    def _restore(self, leaves: LeafTable, same_pages: bool) -> None:
        """Take up the living leaves, and the memory of dead ones, of an earlier run."""
        is_alive = leaves.died_ns == ALIVE
        for level in _LEVELS:
            is_of_level = leaves.level == level
            if not is_of_level.any():
                continue
            # Of a table with leaves of one size nothing need be picked out.
            of_level = slice(None) if is_of_level.all() else np.flatnonzero(is_of_level)
            cover = self._cover[level]
            if same_pages:
                places = self._places(level, leaves.touch[of_level])
            else:
                places = np.searchsorted(cover.gfn, leaves.first_gfn[of_level]).astype(np.int32)
            cover.was[places] = True
            cover.in_use = True
            places = places[is_alive[of_level]]
            rows = np.flatnonzero(is_of_level & is_alive).astype(np.int32)
            cover.row[places] = rows
            self._note_above(level, places, rows)

    def touch(self, machine: Machine, start: int, end: int) -> None:
        """Let the touches in rows [start, end) happen; pages that no leaf covers fault."""
        uncovered = self._uncovered(start, end)
        if len(uncovered):
            self._map(self._finder.find(machine, uncovered, start))

    def may_fault(self, start: int, end: int) -> NDArray[np.intp]:
        """Return the touches in rows [start, end) among which are all that fault without zaps."""
        return self._uncovered(start, end)

    def _uncovered(self, start: int, end: int) -> NDArray[np.intp]:
        """Return the touches in rows [start, end) of pages that have no leaf.

        Where only leaves of 4 KiB are permitted, the first of each page alone.
        """
        pages, floor = self._pages, self._floor
        if pages.largest == 1:
            # Of the touches of one page only the first can fault.
            first = np.flatnonzero(pages.before[start:end] < start) + start
            return first[self._cover[1].row.take(pages.page.take(first)) < floor]
        found = np.flatnonzero(self._cover[2].row[pages.block[start:end]] < floor) + start
        if pages.largest == 3 and len(found):
            giant = pages.giant.of[pages.block[found]]
            found = found[self._cover[3].row[giant] < floor]
        if self._newest_small >= floor and len(found):
            found = found[self._cover[1].row[pages.page[found]] < floor]
        return found

    def _map(self, faults: Faults) -> None:
        """Make a leaf for each fault."""
        pages = self._pages
        touch = faults.touch
        page = pages.page.take(touch)
        gfn = pages.gfn.take(page)
        start = self.leaves.append(
            len(touch),
            first_gfn=gfn if pages.largest == 1 else _block_starts(gfn, faults.level),
            level=faults.level,
            bits=faults.bits,
            vcpu=pages.vcpu.take(touch),
            access=pages.access.take(touch),
            refault=self._was_mapped(touch, page),
            born_ns=pages.time_ns.take(touch),
            touch=touch,
        )
        rows = np.arange(start, start + len(touch), dtype=np.int32)
        if pages.largest == 1:
            self._cover[1].put(page, rows)
            return
        for level in range(1, pages.largest + 1):
            chosen = np.flatnonzero(faults.level == level)
            if len(chosen) == len(touch):
                self._put(level, touch, rows)
            elif len(chosen):
                self._put(level, touch[chosen], rows[chosen])

    def _places(self, level: int, touch: NDArray[Any]) -> NDArray[np.int32]:
        """Return where leaves of ``level`` for these touches go."""
        if level == 1:
            return self._pages.page.take(touch)
        block = self._pages.block[touch]
        return block if level == 2 else self._pages.giant.of[block]

    def _was_mapped(self, touch: NDArray[np.intp], page: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which touched pages had a leaf before."""
        was = self._cover[1].was.take(page)
        for level in range(2, self._pages.largest + 1):
            if self._cover[level].in_use:
                was |= self._cover[level].was[self._places(level, touch)]
        return was

    def _put(
        self,
        level: int,
        touch: NDArray[np.intp],
        rows: NDArray[np.int32],
    ) -> None:
        """Note new leaves of one size; smaller leaves in their blocks are replaced and die now."""
        cover = self._cover[level]
        places = self._places(level, touch)
        if level > 1:
            for number in np.flatnonzero(cover.under[places] >= self._floor).tolist():
                time_ns = int(self._pages.time_ns[touch[number]])
                self._replace(level, int(places[number]), time_ns)
        cover.put(places, rows)
        self._note_above(level, places, rows)

    def _note_above(self, level: int, places: NDArray[Any], rows: NDArray[np.int32]) -> None:
        """Note new leaves at the larger blocks around them."""
        if level == 1 and len(rows):
            self._newest_small = int(rows[-1])
        if level == 1 and self._pages.largest >= 2:
            places = self._pages.large.of[places]
            self._cover[2].under[places] = rows
            level = 2
        if level == 2 and self._pages.largest == 3:
            self._cover[3].under[self._pages.giant.of[places]] = rows

    def _replace(self, level: int, place: int, time_ns: int) -> None:
        """Let all leaves smaller than ``level`` in a block of that level die."""
        inside = self._pages.large.span(place)
        if level == 3:
            blocks = self._pages.giant.span(place)
            starts = self._pages.large.start
            inside = slice(int(starts[blocks.start]), int(starts[blocks.stop]))
            self.leaves.died_ns[self._cover[2].take(blocks, self._floor)] = time_ns
        self.leaves.died_ns[self._cover[1].take(inside, self._floor)] = time_ns
        self._cover[level].under[place] = -1

    def zap(self, start_gfn: int, end_gfn: int, time_ns: int, zap: int) -> int:
        """Drop every leaf that intersects [start_gfn, end_gfn) and return how many there were."""
        if self._floor == self.leaves.count:
            return 0  # all leaves there ever were are dead
        if start_gfn <= self._first_gfn and self._last_gfn < end_gfn:
            return self._zap_all(time_ns, zap)
        dropped = 0
        for level in range(1, self._pages.largest + 1):
            cover = self._cover[level]
            rows = cover.take(cover.within(start_gfn, end_gfn, LEVEL_PAGES[level]), self._floor)
            self._bury(rows, time_ns, zap)
            dropped += len(rows)
        return dropped

    def _zap_all(self, time_ns: int, zap: int) -> int:
        """Drop all leaves: those alive are among the rows since the last such zap."""
        born_since = self.leaves.died_ns[self._floor : self.leaves.count]
        rows = np.flatnonzero(born_since == ALIVE) + self._floor
        self._bury(rows, time_ns, zap)
        self._floor = self.leaves.count
        return len(rows)

    def _bury(self, rows: NDArray[Any], time_ns: int, zap: int) -> None:
        self.leaves.died_ns[rows] = time_ns
        self.leaves.zap[rows] = zap
