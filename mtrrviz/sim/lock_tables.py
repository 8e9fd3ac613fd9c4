"""Which EPT paging structures exist when, read off the touches of a scenario."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.costs.lock_walk import TOP_PAGES, USUAL_TABLES, WALK_END_GFN, Walk, units
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.event_columns import KIND_CODES
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, RegionKind
from mtrrviz.sim.pages import PageIndex, page_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.kvm_rules.policy import GfnRange
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Touches

#: Below this gfn guests keep start-up stubs and legacy tables, nothing that they run from.
_LOW_END_GFN = 0x100
_GIB_SHIFT = np.uint64(18)
_BLOCK_SHIFT = np.uint64(9)


_ENTRIES = 512
_NEVER = np.iinfo(np.int64).max


class Structures(Record, eq=False, dict=True):
    """The structures of one level that ever exist; each has 512 entries of ``pages`` / 512 gfns.

    ``numbers`` int64 ascending (a structure maps gfns from number * pages), ``since_ns`` int64 when
    each came to be.
    """

    pages: int
    numbers: NDArray[np.int64]
    since_ns: NDArray[np.int64]

    @cached_property
    def arrivals_ns(self) -> NDArray[np.int64]:
        """The times when structures came to be, in order."""
        return np.sort(self.since_ns)

    def entries(self, start: int, end: int, time_ns: int) -> int:
        """Return how many entries a walk of gfns [start, end) visits just before ``time_ns``."""
        bounds = np.array([start // self.pages, (end - 1) // self.pages + 1], np.int64)
        low, high = (int(place) for place in np.searchsorted(self.numbers, bounds))
        if high - low == len(self.numbers):
            there = int(np.searchsorted(self.arrivals_ns, np.int64(time_ns)))
        else:
            there = int(np.count_nonzero(self.since_ns[low:high] < time_ns))
        edges = {low, high - 1} if low < high else set[int]()
        missed = sum(self._missed(edge, start, end, time_ns) for edge in edges)
        return _ENTRIES * there - missed

    def _missed(self, place: int, start: int, end: int, time_ns: int) -> int:
        """Return how many entries of the structure at ``place`` lie outside [start, end)."""
        if self.since_ns[place] >= time_ns:
            return 0
        first = int(self.numbers[place]) * self.pages
        low, high = max(start, first), min(end, first + self.pages)
        return _ENTRIES - units(low, high, self.pages // _ENTRIES)


class TableHistory(Record, eq=False):
    """The paging structures below the root over time, largest first."""

    levels: tuple[Structures, ...]

    def entries(self, start_gfn: int, end_gfn: int, time_ns: int) -> int:
        """Return how many entries a walk of gfns [start, end) visits just before ``time_ns``."""
        end = min(end_gfn, WALK_END_GFN)
        if end <= start_gfn:
            return 0
        below = sum(level.entries(start_gfn, end, time_ns) for level in self.levels)
        return units(start_gfn, end, TOP_PAGES) + below

    def epochs(self, times_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many structures exist just before each time; walks differ only with it."""
        counts = np.zeros(len(times_ns), np.int64)
        for level in self.levels:
            counts += np.searchsorted(level.arrivals_ns, times_ns)
        return counts

    def directories(self, time_ns: int) -> list[int]:
        """Return the numbers of the GiB that have a page directory just before ``time_ns``."""
        gibs = self.levels[1]
        return gibs.numbers[gibs.since_ns < time_ns].tolist()


def table_history(scenario: Scenario) -> TableHistory:
    """Return the structures over time: made by the first touch of anything below them.

    Page tables are counted where the host backs memory with 4 KiB pages, and for the first block,
    which the fixed MTRRs split. Without touches it is what a guest usually has once it runs.
    """
    if len(scenario.touches):
        return _touched(scenario.touches, scenario.machine)
    running = scenario.events.kind != KIND_CODES[EventKind.VMM_WRMSR]
    first_ns = int(scenario.events.time_ns[np.argmax(running)]) if running.any() else 0
    gibs = np.array(sorted(USUAL_TABLES.gibs), np.int64)
    return _history(gibs, np.full(len(gibs), first_ns - 1), None)


@lru_cache(maxsize=1)  # or closed scenarios' touches would stay
def _touched(touches: Touches, machine: MachineSpec) -> TableHistory:
    """Return the history of structures above touched pages; kept, as edits share touches."""
    gib = (touches.gfn >> _GIB_SHIFT).astype(np.int64)
    since = np.full(int(gib.max()) + 1, _NEVER)
    since[gib[::-1]] = touches.time_ns[::-1]
    gibs = np.flatnonzero(since != _NEVER)
    blocks = _touched_blocks(page_index(touches, machine)) if machine.host_level == 1 else None
    return _history(gibs, since[gibs], blocks)


def _touched_blocks(pages: PageIndex) -> Structures | None:
    """Return the page tables above the pages that were touched, None without any."""
    if not len(pages.gfn):
        return None
    since = np.full(len(pages.gfn), _NEVER)
    since[pages.page[::-1]] = pages.time_ns[::-1]
    block = (pages.gfn >> _BLOCK_SHIFT).astype(np.int64)
    starts = np.flatnonzero(np.diff(block, prepend=np.int64(-1)))
    return Structures(LEVEL_PAGES[2], block[starts], np.minimum.reduceat(since, starts))


def _history(
    gibs: NDArray[np.int64], since_ns: NDArray[np.int64], blocks: Structures | None
) -> TableHistory:
    """Return the history with these page directories; what is above them follows."""
    top = gibs // _ENTRIES
    starts = np.flatnonzero(np.diff(top, prepend=np.int64(-1)))
    tops = Structures(TOP_PAGES, top[starts], np.minimum.reduceat(since_ns, starts))
    directories = Structures(LEVEL_PAGES[3], gibs, since_ns)
    return TableHistory((tops, directories, _with_first_block(blocks, int(since_ns.min()))))


def _with_first_block(blocks: Structures | None, since_ns: int) -> Structures:
    """Return the page tables with that of the first block, there from ``since_ns`` on."""
    numbers, since = np.zeros(1, np.int64), np.full(1, since_ns)
    if blocks is not None:
        others = blocks.numbers > 0
        numbers = np.concatenate([numbers, blocks.numbers[others]])
        since = np.concatenate([since, blocks.since_ns[others]])
    return Structures(LEVEL_PAGES[2], numbers, since)


def ram_in_use(machine: MachineSpec) -> tuple[GfnRange, ...]:
    """Return the gfns [start, end) of RAM that guests run from."""
    return tuple(
        (max(region.first_gfn, _LOW_END_GFN), region.end_gfn)
        for region in machine.slots
        if region.kind is RegionKind.RAM and region.end_gfn > _LOW_END_GFN
    )


def walk_of(span: GfnRange, history: TableHistory, time_ns: int, ram: tuple[GfnRange, ...]) -> Walk:
    """Return the walk of one range just before ``time_ns``."""
    start, end = span
    stalls = any(start < high and low < end for low, high in ram)
    return Walk(start, end, history.entries(start, end, time_ns), stalls)
