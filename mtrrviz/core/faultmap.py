"""What a fault would get, for every page at once.

A FaultMap is the answer of one vCPU (or of many that agree) as intervals over the whole guest
physical space. Maps are built from content, cached and shared: equal maps are the same object, so
callers may group vCPUs by identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from mtrrviz.core.ept import TYPE_SHIFT, ept_bits
from mtrrviz.core.layout import TypeLayout, level_intervals, type_intervals

if TYPE_CHECKING:
    from mtrrviz.core.memtype import MemoryType


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class FaultMap:
    """Leaf bits and largest level by interval of gfns over [0, 2^52).

    ``starts`` uint64, sorted, first 0; ``bits`` uint8, the EPT entry's type << 3 | IPAT << 6;
    ``levels`` uint8, 1 to 3, the MTRRs' limit only (memslots and the host's pages come on top).
    All are read-only. RAM only: host MMIO gets its own leaf, see Machine.leaf.
    """

    starts: npt.NDArray[np.uint64]
    bits: npt.NDArray[np.uint8]
    levels: npt.NDArray[np.uint8]

    def index(self, gfns: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return the interval each gfn lies in."""
        wanted = np.asarray(gfns, dtype=np.uint64)
        return np.searchsorted(self.starts, wanted, side="right") - 1

    def at(self, gfn: int) -> tuple[int, int]:
        """Return (bits, level) of one page."""
        row = int(np.searchsorted(self.starts, np.uint64(gfn), side="right")) - 1
        return int(self.bits[row]), int(self.levels[row])


def fault_map_for(
    layout: TypeLayout, override: tuple[MemoryType, int] | None, limits_level: bool
) -> FaultMap:
    """Return the map for a layout, a policy's leaf override (None: MTRRs decide) and level rule."""
    needed = layout if override is None or limits_level else None
    return _fault_map(needed, None if override is None else ept_bits(*override), limits_level)


@lru_cache(maxsize=512)
def _fault_map(layout: TypeLayout | None, bits: int | None, limits_level: bool) -> FaultMap:
    """Build a map from what it depends on; one of equal content that lives is returned instead."""
    zero = np.zeros(1, dtype=np.uint64)
    type_starts, type_bits = zero, np.full(1, bits or 0, dtype=np.uint8)
    level_starts, levels = zero, np.full(1, 3, dtype=np.uint8)
    if layout is not None and bits is None:
        table = type_intervals(layout)
        type_starts, type_bits = table.starts, table.types << np.uint8(TYPE_SHIFT)
    if layout is not None and limits_level:
        level_starts, levels = level_intervals(layout)
    return _shared(*_merge(type_starts, type_bits, level_starts, levels))


def _merge(
    type_starts: npt.NDArray[np.uint64],
    bits: npt.NDArray[np.uint8],
    level_starts: npt.NDArray[np.uint64],
    levels: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Cut both tables at both sets of starts and drop the cuts where nothing changes."""
    starts = np.union1d(type_starts, level_starts)
    all_bits = bits[np.searchsorted(type_starts, starts, side="right") - 1]
    all_levels = levels[np.searchsorted(level_starts, starts, side="right") - 1]
    keep = np.ones(len(starts), dtype=np.bool_)
    keep[1:] = (all_bits[1:] != all_bits[:-1]) | (all_levels[1:] != all_levels[:-1])
    return starts[keep], all_bits[keep], all_levels[keep]


_living: WeakValueDictionary[tuple[bytes, bytes, bytes], FaultMap] = WeakValueDictionary()


def _shared(
    starts: npt.NDArray[np.uint64], bits: npt.NDArray[np.uint8], levels: npt.NDArray[np.uint8]
) -> FaultMap:
    """Return the living map of this content, or make it."""
    for column in (starts, bits, levels):
        column.flags.writeable = False
    content = (starts.tobytes(), bits.tobytes(), levels.tobytes())
    return _living.setdefault(content, FaultMap(starts, bits, levels))
