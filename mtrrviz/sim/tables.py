"""The columns of a Run: leaf lifetimes and zaps, as read-only numpy tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import has_ipat, type_codes
from mtrrviz.core.levels import LEVEL_SHIFTS, PAGES_OF_LEVEL
from mtrrviz.core.vm_view import zaps_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: ``died_ns`` of a leaf that is still there at the end.
ALIVE = np.int64(np.iinfo(np.int64).max)
#: Vcpu of a zap that no vCPU caused (a DMA device came or went).
NO_VCPU = -1


class ZapCause(IntEnum):
    """What made KVM zap."""

    DEF_TYPE = 0
    FIXED = 1
    VARIABLE = 2
    CR0_CD = 3
    DMA = 4

    @property
    def words(self) -> str:
        """The cause in words for tables."""
        return _CAUSE_WORDS[self]


_CAUSE_WORDS = {
    ZapCause.DEF_TYPE: "MTRR default type",
    ZapCause.FIXED: "fixed MTRR",
    ZapCause.VARIABLE: "variable MTRR",
    ZapCause.CR0_CD: "CR0.CD edge",
    ZapCause.DMA: "non-coherent DMA",
}


@dataclass(frozen=True, eq=False)
class LeafTable:
    """Every leaf that ever was, in order of birth; live at t: ``born_ns <= t < died_ns``.

    ``first_gfn`` uint64; ``level`` uint8 (1: 4 KiB, 2: 2 MiB, 3: 1 GiB); ``bits`` uint8 (memory
    type at 5:3, IPAT at 6, as in the entry); ``vcpu`` uint8 that faulted; ``access`` uint8 of that
    fault; ``refault`` bool: the page had been mapped before; ``born_ns``, ``died_ns`` int64
    (:data:`ALIVE` if never); ``zap`` int32: row of the zap that dropped it, -1 if none did (alive,
    or replaced by a larger leaf); ``touch`` int32: the touch that made it, counted among those
    that can make a leaf.
    """

    first_gfn: NDArray[np.uint64]
    level: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    vcpu: NDArray[np.uint8]
    access: NDArray[np.uint8]
    refault: NDArray[np.bool_]
    born_ns: NDArray[np.int64]
    died_ns: NDArray[np.int64]
    zap: NDArray[np.int32]
    touch: NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of leaves."""
        return len(self.born_ns)

    @property
    def memory_type(self) -> NDArray[np.uint8]:
        """Memory type of each leaf, uint8 (values of MemoryType)."""
        return type_codes(self.bits)

    @property
    def ipat(self) -> NDArray[np.bool_]:
        """Whether each leaf ignores the guest's PAT."""
        return has_ipat(self.bits)

    @property
    def pages(self) -> NDArray[np.uint64]:
        """Number of 4 KiB pages of each leaf, uint64."""
        return PAGES_OF_LEVEL[self.level]

    def live_rows(self, time_ns: int) -> NDArray[np.intp]:
        """Return the rows of the leaves that are there at ``time_ns``."""
        born = int(np.searchsorted(self.born_ns, np.int64(time_ns), "right"))
        return np.flatnonzero(self.died_ns[:born] > np.int64(time_ns))

    def rows_at(self, gfn: int) -> NDArray[np.intp]:
        """Return the rows of all leaves that ever covered ``gfn``, in order of birth."""
        shifts = LEVEL_SHIFTS[self.level]
        return np.flatnonzero((np.uint64(gfn) >> shifts) == (self.first_gfn >> shifts))


@dataclass(frozen=True, eq=False)
class ZapTable:
    """Every zap in order, one row a request as KVM's authors counted them.

    ``time_ns`` int64; ``vcpu`` int16 (:data:`NO_VCPU` for the VM); ``event`` int32 index of the
    scenario's event; ``cause`` uint8 (:class:`ZapCause`); ``start_gfn``, ``end_gfn`` uint64, from
    the lowest to the highest frame asked for, end exclusive; ``leaves_dropped`` int32; ``rivals``
    int16, other vCPUs that zap in the same burst (:mod:`mtrrviz.sim.lock_costs`); ``cycles``
    float64, modelled. ``ranges`` has the ranges of each request, (start gfn, end gfn): usually
    one, several where a policy zaps less than all, none where nothing needed a zap.
    """

    time_ns: NDArray[np.int64]
    vcpu: NDArray[np.int16]
    event: NDArray[np.int32]
    cause: NDArray[np.uint8]
    start_gfn: NDArray[np.uint64]
    end_gfn: NDArray[np.uint64]
    leaves_dropped: NDArray[np.int32]
    rivals: NDArray[np.int16]
    cycles: NDArray[np.float64]
    ranges: tuple[tuple[tuple[int, int], ...], ...]

    def __len__(self) -> int:
        """Return the number of zaps."""
        return len(self.time_ns)

    @property
    def contended(self) -> NDArray[np.bool_]:
        """Whether other vCPUs zapped in the same burst."""
        return self.rivals > 0

    @cached_property
    def partial(self) -> NDArray[np.bool_]:
        """Which zaps are of a range only, not of all memory."""
        return ~np.fromiter(map(zaps_all, self.ranges), np.bool_, len(self.ranges))

    def at(self, time_ns: int) -> slice:
        """Return the rows of the zaps at exactly a time."""
        first, end = (
            int(np.searchsorted(self.time_ns, time_ns, side)) for side in ("left", "right")
        )
        return slice(first, end)

    def until(self, time_ns: int) -> int:
        """Return how many zaps there were up to and at ``time_ns``."""
        return int(np.searchsorted(self.time_ns, np.int64(time_ns), "right"))

    def intersecting(self, gfn: int) -> NDArray[np.bool_]:
        """Return which zaps' ranges hold ``gfn``."""
        held = (self.start_gfn <= np.uint64(gfn)) & (np.uint64(gfn) < self.end_gfn)
        for row, spans in enumerate(self.ranges):
            if len(spans) > 1 and held[row]:
                held[row] = any(start <= gfn < end for start, end in spans)
        return held
