"""The simulation proper: touches and events go in, in time order; leaves and zaps come out.

One number a touched page says which leaf covers it. Leaves are only ever appended, so a zap of
everything just raises the ``floor``: rows below it are dead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.machine import Machine
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.sim.faults import Faults, find_faults
from mtrrviz.sim.growing import GrowingLeaves
from mtrrviz.sim.pages import PageIndex
from mtrrviz.sim.tables import ALIVE, LeafTable

_LARGEST = LEVEL_PAGES[3]


class Engine:
    """The EPT of a running guest, as leaves over the touched pages."""

    def __init__(self, pages: PageIndex, leaves: LeafTable | None = None) -> None:
        self._pages = pages
        self._leaves = GrowingLeaves(leaves)
        self._cover = np.full(len(pages.gfn), -1, np.int32)
        self._seen = np.zeros(len(pages.gfn), bool)
        self._scratch = np.empty(len(pages.gfn), np.int32)
        self._floor = 0
        if leaves is not None and len(leaves):
            self._restore(leaves)

    def _restore(self, leaves: LeafTable) -> None:
        """Take up the living leaves, and the memory of dead ones, of an earlier run."""
        low, high = self._covered_pages(leaves.first_gfn, leaves.level)
        rows = np.repeat(np.arange(len(leaves), dtype=np.int32), high - low)
        pages = _ranges(low, high)
        self._seen[pages] = True
        alive = leaves.died_ns[rows] == ALIVE
        self._cover[pages[alive]] = rows[alive]

    def _covered_pages(
        self, first_gfn: NDArray[np.uint64], level: NDArray[np.uint8]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return first and end page numbers of leaves."""
        sizes = np.array([0, *(LEVEL_PAGES[size] for size in (1, 2, 3))], np.uint64)[level]
        gfn = self._pages.gfn
        return np.searchsorted(gfn, first_gfn), np.searchsorted(gfn, first_gfn + sizes)

    def touch(self, machine: Machine, start: int, end: int) -> None:
        """Let the touches in rows [start, end) happen; pages that no leaf covers fault."""
        cover = self._cover[self._pages.page[start:end]]
        candidates = np.flatnonzero(cover < self._floor)
        if len(candidates):
            candidates += start
            self._map(find_faults(machine, self._pages, candidates, self._scratch))

    def _map(self, faults: Faults) -> None:
        """Make a leaf for each fault."""
        pages = self._pages
        gfn = pages.gfn[faults.page]
        sizes = np.array([1, 1, LEVEL_PAGES[2], LEVEL_PAGES[3]], np.uint64)[faults.level]
        times = pages.time_ns[faults.touch]
        start = self._leaves.append(
            len(gfn),
            first_gfn=gfn - gfn % sizes,
            level=faults.level,
            bits=faults.bits,
            vcpu=pages.vcpu[faults.touch],
            access=pages.access[faults.touch],
            refault=self._seen[faults.page],
            born_ns=times,
        )
        rows = np.arange(start, start + len(gfn), dtype=np.int32)
        small = faults.level == 1
        self._cover[faults.page[small]] = rows[small]
        self._seen[faults.page[small]] = True
        for size in (2, 3):
            huge = faults.level == size
            if huge.any():
                self._map_huge(gfn[huge], size, rows[huge], times[huge])

    def _map_huge(
        self,
        gfn: NDArray[np.uint64],
        size: int,
        rows: NDArray[np.int32],
        times: NDArray[np.int64],
    ) -> None:
        """Cover whole blocks; smaller leaves in them are replaced and die now."""
        low, high = self._pages.block_spans(gfn, size)
        covered = _ranges(low, high)
        old = self._cover[covered]
        replaced = old >= self._floor
        if replaced.any():
            self._leaves.died_ns[old[replaced]] = np.repeat(times, high - low)[replaced]
        self._cover[covered] = np.repeat(rows, high - low)
        self._seen[covered] = True

    def zap(self, start_gfn: int, end_gfn: int, time_ns: int, zap: int) -> int:
        """Drop every leaf that intersects [start_gfn, end_gfn) and return how many there were."""
        if start_gfn == 0 and end_gfn >= (1 << 52) - 1:
            return self._zap_all(time_ns, zap)
        low, high = self._pages.span(
            start_gfn // _LARGEST * _LARGEST, -(-end_gfn // _LARGEST) * _LARGEST
        )
        cover = self._cover[low:high]
        rows = np.unique(cover[cover >= self._floor])
        first = self._leaves.column("first_gfn")[rows]
        sizes = np.array([0, 1, LEVEL_PAGES[2], LEVEL_PAGES[3]], np.uint64)
        last = first + sizes[self._leaves.column("level")[rows]] - np.uint64(1)
        rows = rows[(first < np.uint64(end_gfn)) & (last >= np.uint64(start_gfn))]
        self._bury(rows, time_ns, zap)
        if len(rows):
            cover[np.isin(cover, rows)] = -1
        return len(rows)

    def _zap_all(self, time_ns: int, zap: int) -> int:
        """Drop all leaves: those alive are among the rows since the last such zap."""
        born_since = self._leaves.died_ns[self._floor : self._leaves.count]
        rows = np.flatnonzero(born_since == ALIVE) + self._floor
        self._bury(rows, time_ns, zap)
        self._floor = self._leaves.count
        return len(rows)

    def _bury(self, rows: NDArray[np.intp], time_ns: int, zap: int) -> None:
        self._leaves.died_ns[rows] = time_ns
        self._leaves.zap[rows] = zap

    def table(self) -> LeafTable:
        """Return all leaves so far."""
        return self._leaves.table()


def _ranges(low: NDArray[np.intp], high: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return all numbers of the ranges [low[i], high[i]), one range after the other."""
    lengths = high - low
    offsets = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) - np.repeat(offsets - low, lengths)
