"""The columns of a Run: leaf lifetimes and zaps, as read-only numpy tables."""

from __future__ import annotations

from bisect import bisect_left
from enum import IntEnum
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.columns import Columns, read_only
from mtrrviz.core.ept import has_ipat, type_codes
from mtrrviz.core.kvm_rules.vm_view import zaps_all
from mtrrviz.core.levels import PAGES_OF_LEVEL
from mtrrviz.core.sorting import order_of
from mtrrviz.core.units import LEVEL_PAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.kvm_rules.vm_view import GfnRange
    from mtrrviz.sim.alike import Alike

#: ``died_ns`` of a leaf that is still there at the end.
ALIVE = np.int64(np.iinfo(np.int64).max)
#: By leaf: its places by address and by death, its kind, its time among those of its type, and its
#: address among those that live or were just dropped.
_VIEWS_BYTES = 4 + 4 + 1 + 8 + 8
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


class LeafTable(Columns):
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

    derived = ("memory_type", "ipat", "pages")

    def __len__(self) -> int:
        """Return the number of leaves."""
        return len(self.born_ns)

    @property
    def size_bytes(self) -> int:
        """The size of the columns, and of the orders and kinds that views keep of them."""
        columns = (getattr(self, name) for name in self.__struct_fields__)
        return sum(column.nbytes for column in columns) + _VIEWS_BYTES * len(self)

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

    @cached_property
    def by_gfn(self) -> tuple[NDArray[np.int32], ...]:
        """Rows of the leaves of levels 1, 2 and 3, each int32 and by ascending address."""
        order = order_of(self.first_gfn).astype(np.int32)
        if (self.level == 1).all():  # as where the host has pages of 4 KiB alone
            none = read_only(order[:0])
            return read_only(order), none, none
        levels = self.level.take(order)
        return tuple(read_only(order[levels == level]) for level in LEVEL_PAGES)

    @cached_property
    def by_death(self) -> NDArray[np.int32]:
        """Rows of the leaves that die, int32 and by ascending time."""
        rows = np.flatnonzero(self.died_ns != ALIVE).astype(np.int32)
        times_ns = self.died_ns.take(rows)
        if (times_ns[1:] < times_ns[:-1]).any():  # zaps of everything leave them in order
            rows = rows[np.argsort(times_ns, kind="stable")]
        return read_only(rows)

    def rows_from(self, level: int, first_gfn: int, end_gfn: int) -> NDArray[np.int32]:
        """Return the rows of a level's leaves that begin in [first_gfn, end_gfn), by address."""
        rows = self.by_gfn[level - 1]
        low, high = (
            bisect_left(rows, gfn, key=self.first_gfn.__getitem__) for gfn in (first_gfn, end_gfn)
        )
        return rows[low:high]

    def rows_in(self, level: int, first_gfn: int, end_gfn: int) -> NDArray[np.int32]:
        """Return the rows of a level's leaves that ever covered a page of [first_gfn, end_gfn)."""
        return self.rows_from(level, first_gfn & -LEVEL_PAGES[level], end_gfn)

    def rows_at(self, gfn: int) -> NDArray[np.intp]:
        """Return the rows of all leaves that ever covered ``gfn``, in order of birth."""
        found = [self.rows_in(level, gfn, gfn + 1) for level in LEVEL_PAGES]
        return np.sort(np.concatenate(found)).astype(np.intp)


class ZapTable(Columns):
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
    ranges: Alike[tuple[GfnRange, ...]]

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
        return read_only(~self.ranges.which([*map(zaps_all, self.ranges.values)]))

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
        number, start, end = self._spans
        wanted = np.uint64(gfn)
        held = np.zeros(len(self.ranges.values), np.bool_)
        held[number[(start <= wanted) & (wanted < end)]] = True
        return held[self.ranges.codes]

    @cached_property
    def _spans(self) -> tuple[NDArray[np.intp], NDArray[np.uint64], NDArray[np.uint64]]:
        """For each range of each different request: the request's number, start and end."""
        values = self.ranges.values
        counts = np.fromiter(map(len, values), np.intp, len(values))
        flat = np.fromiter(chain.from_iterable(chain.from_iterable(values)), np.uint64)
        spans = flat.reshape(-1, 2)
        return np.repeat(np.arange(len(values)), counts), spans[:, 0], spans[:, 1]
