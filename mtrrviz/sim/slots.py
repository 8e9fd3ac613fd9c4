"""Memory slots as intervals: which frames can have a leaf, and how large the slot lets it be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Slot kinds in :attr:`SlotMap.kinds`.
NO_SLOT, RAM_SLOT, ROM_SLOT, HOST_MMIO_SLOT = 0, 1, 2, 3
_KIND_OF = {
    RegionKind.RAM: RAM_SLOT,
    RegionKind.DEVICE_RAM: RAM_SLOT,
    RegionKind.ROM: ROM_SLOT,
    RegionKind.PASSTHROUGH: HOST_MMIO_SLOT,
}


class SlotMap(Record, eq=False):
    """Intervals of equal slot kind and largest leaf over the whole guest physical space.

    ``starts`` uint64 gfns (first 0), ``kinds`` uint8, ``levels`` uint8 (1..3; the largest leaf
    that lies wholly in the slot and that the host's pages permit, as in KVM's ``lpage_info``).
    """

    starts: NDArray[np.uint64]
    kinds: NDArray[np.uint8]
    levels: NDArray[np.uint8]

    def at(self, gfns: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the interval index of each gfn."""
        return np.searchsorted(self.starts, gfns, "right") - 1


def slot_map(machine: MachineSpec) -> SlotMap:
    """Return the slot map of a machine."""
    rows: list[tuple[int, int, int]] = [(0, NO_SLOT, 1)]
    for region in machine.slots:
        rows.extend(_region_rows(region, machine.host_level))
        rows.append((region.end_gfn, NO_SLOT, 1))
    rows = _without_empty(rows)
    return SlotMap(
        np.array([row[0] for row in rows], np.uint64),
        np.array([row[1] for row in rows], np.uint8),
        np.array([row[2] for row in rows], np.uint8),
    )


def _region_rows(region: Region, host_level: int) -> list[tuple[int, int, int]]:
    """Return (start gfn, kind, level) rows: small leaves at ragged ends, larger ones inside."""
    kind = _KIND_OF[region.kind]
    rising, falling = [(region.first_gfn, kind, 1)], list[tuple[int, int, int]]()
    for level in range(2, host_level + 1):
        pages = LEVEL_PAGES[level]
        first = -(-region.first_gfn // pages) * pages
        end = region.end_gfn // pages * pages
        if first < end:
            rising.append((first, kind, level))
            falling.insert(0, (end, kind, level - 1))
    return rising + falling


def _without_empty(rows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Drop rows that a later row at the same start replaces."""
    return [
        row
        for row, after in zip(rows, [*rows[1:], None], strict=True)
        if after is None or after[0] != row[0]
    ]
