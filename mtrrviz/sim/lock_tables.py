"""Which EPT paging structures exist when, read off the touches of a scenario."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.lock_walk import USUAL_TABLES, EptTables, Walk
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, RegionKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.policy import GfnRange
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Touches

#: Below this gfn guests keep start-up stubs and legacy tables, nothing that they run from.
_LOW_END_GFN = 0x100
_GIB_SHIFT = np.uint64(18)
_BLOCK_SHIFT = np.uint64(9)
_FIRST_BLOCK = frozenset({0})


@dataclass(frozen=True)
class TableHistory:
    """The structures that exist from each of ``times_ns`` on, ascending; none before the first."""

    times_ns: list[int]
    tables: list[EptTables]

    def before(self, time_ns: int) -> EptTables:
        """Return what existed just before ``time_ns``."""
        index = bisect_left(self.times_ns, time_ns)
        return self.tables[index - 1] if index else EptTables()


def table_history(scenario: Scenario) -> TableHistory:
    """Return the structures over time: made by the first touch of anything below them.

    Page tables are counted where the host backs memory with 4 KiB pages, and for the first block,
    which the fixed MTRRs split. Without touches it is what a guest usually has once it runs.
    """
    if len(scenario.touches):
        return _touched(scenario.touches, scenario.machine.host_level == 1)
    running = (e.time_ns for e in scenario.events if e.kind is not EventKind.VMM_WRMSR)
    return TableHistory([next(running, 0) - 1], [USUAL_TABLES])


@lru_cache(maxsize=4)
def _touched(touches: Touches, small_pages: bool) -> TableHistory:
    """Return the history of structures above touched pages; kept, as edits share touches."""
    firsts = [(time, "gib", n) for n, time in _first(touches.gfn >> _GIB_SHIFT, touches.time_ns)]
    if small_pages:
        blocks = _first(touches.gfn >> _BLOCK_SHIFT, touches.time_ns)
        firsts += [(time, "block", block) for block, time in blocks]
    return _grown(sorted(firsts))


def _first(numbers: NDArray[np.uint64], times_ns: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return each number with the time at which it comes first."""
    found, index = np.unique(numbers, return_index=True)
    return list(zip(found.tolist(), times_ns[index].tolist(), strict=True))


def _grown(firsts: list[tuple[int, str, int]]) -> TableHistory:
    """Return the history of structures that come at these times."""
    gibs: frozenset[int] = frozenset()
    blocks = _FIRST_BLOCK
    tables: list[EptTables] = []
    for _, kind, number in firsts:
        if kind == "gib":
            gibs |= {number}
        else:
            blocks |= {number}
        tables.append(EptTables(gibs, blocks))
    return TableHistory([time for time, _, _ in firsts], tables)


def ram_in_use(machine: MachineSpec) -> tuple[GfnRange, ...]:
    """Return the gfns [start, end) of RAM that guests run from."""
    return tuple(
        (max(region.first_gfn, _LOW_END_GFN), region.end_gfn)
        for region in machine.slots
        if region.kind is RegionKind.RAM and region.end_gfn > _LOW_END_GFN
    )


def walk_of(span: GfnRange, tables: EptTables, ram: tuple[GfnRange, ...]) -> Walk:
    """Return the walk of one range."""
    start, end = span
    stalls = any(start < high and low < end for low, high in ram)
    return Walk(start, end, tables.entries(start, end), stalls)
