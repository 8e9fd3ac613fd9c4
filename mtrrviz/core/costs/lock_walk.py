"""How long the walk of a zap is: the entries that KVM's iterator looks at in a range.

``tdp_mmu_zap_leafs`` visits every entry of every paging structure that is there, present or not,
so a zap of all memory costs much even while hardly a page is mapped, and next to nothing before
the guest has run at all. Structures stay when their leaves are zapped.
"""

from __future__ import annotations

from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_PAGES

#: Gfns a walk is clipped to: a host with 46 physical address bits, as on the CPUs of the time.
WALK_END_GFN = 1 << (46 - 12)
#: Gfns below one entry of the root.
TOP_PAGES = LEVEL_PAGES[3] * 512


class Walk(Record):
    """One range that is walked under the lock.

    ``entries`` are visited; ``stalls_faults`` says whether guests need pages of it to go on, so
    that their faults fail and are tried again until the walk is over.
    """

    start_gfn: int
    end_gfn: int
    entries: int
    stalls_faults: bool = True

    @property
    def order(self) -> tuple[int, int]:
        """Sort key of the list that serialising policies keep: short first, then high first."""
        return self.end_gfn - self.start_gfn, -self.start_gfn


class EptTables(Record):
    """The paging structures below the root that exist at a time.

    ``gibs`` are numbers of GiB with a page directory, ``blocks`` of 2 MiB blocks with a page
    table.
    """

    gibs: frozenset[int] = frozenset()
    blocks: frozenset[int] = frozenset()

    def entries(self, start_gfn: int, end_gfn: int) -> int:
        """Return how many entries a walk of gfns [start, end) visits."""
        end = min(end_gfn, WALK_END_GFN)
        if end <= start_gfn:
            return 0
        tops = {gib >> 9 for gib in self.gibs}
        return (
            units(start_gfn, end, TOP_PAGES)
            + _below(tops, start_gfn, end, TOP_PAGES)
            + _below(self.gibs, start_gfn, end, LEVEL_PAGES[3])
            + _below(self.blocks, start_gfn, end, LEVEL_PAGES[2])
        )


def _below(numbers: frozenset[int] | set[int], start: int, end: int, pages: int) -> int:
    """Return the entries visited in structures that map ``pages`` gfns each."""
    return sum(
        units(max(start, number * pages), min(end, (number + 1) * pages), pages // 512)
        for number in numbers
        if number * pages < end and start < (number + 1) * pages
    )


def units(start: int, end: int, pages: int) -> int:
    """Return how many aligned units of ``pages`` gfns [start, end) touches."""
    return (end - 1) // pages - start // pages + 1


#: What a guest has soon after it started: page directories for the first 4 GiB, and one page
#: table, as fixed MTRRs split the first 2 MiB.
USUAL_TABLES = EptTables(frozenset(range(4)), frozenset({0}))

#: Entries of a walk of all memory then.
FULL_WALK_ENTRIES = USUAL_TABLES.entries(0, WALK_END_GFN)
