"""What a fault would get, for every page at once.

A FaultMap is the answer of one vCPU (or of many that agree) as intervals over the whole guest
physical space. Maps are built from content, cached and shared: equal maps are the same object, so
callers may group vCPUs by identity.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from mtrrviz.core.early_ends import early_end_intervals
from mtrrviz.core.ept import ept_bits, type_bits
from mtrrviz.core.layout import TypeLayout, level_intervals, type_intervals
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.sdm_levels import smooth_levels, uniform_levels
from mtrrviz.core.sdm.sdm_types import FIRST_TYPE, SdmLayout, SdmTypes, is_mixed, sdm_types
from mtrrviz.core.sorting import distinct

if TYPE_CHECKING:
    from mtrrviz.core.memtype import MemoryType


class FaultMap(Record, eq=False, weakref=True):
    """Leaf bits and largest level by interval of gfns over [0, 2^52).

    ``starts`` uint64, sorted, first 0; ``bits`` uint8, the EPT entry's type << 3 | IPAT << 6;
    ``levels`` uint8, 1 to 3, the MTRRs' limit only (memslots and the host's pages come on top);
    ``leaks`` bool, whether a fault's lookup leaves an SRCU read lock held (see Policy.leaks_srcu).
    All are read-only. RAM only: host MMIO gets its own leaf, see Machine.leaf.

    ``pagewise`` is None but under the SDM's lookup with masks whose holes make intervals too
    many: it then answers for single pages, and ``bits`` and ``levels`` are those of some.
    """

    starts: npt.NDArray[np.uint64]
    bits: npt.NDArray[np.uint8]
    levels: npt.NDArray[np.uint8]
    leaks: npt.NDArray[np.bool_]
    pagewise: SdmTypes | None = None

    @property
    def is_one_answer(self) -> bool:
        """Whether all pages get the same."""
        return len(self.starts) == 1 and self.pagewise is None

    def index(self, gfns: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return the interval each gfn lies in."""
        wanted = np.asarray(gfns, dtype=np.uint64)
        return np.searchsorted(self.starts, wanted, side="right") - 1

    def at(self, gfn: int) -> tuple[int, int]:
        """Return (bits, level) of one page."""
        bits, levels = self.leaves_at(np.array([gfn], np.uint64))
        return int(bits[0]), int(levels[0])

    def leaves_at(
        self, gfns: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Return bits and levels of pages."""
        row = self.index(gfns)
        bits, levels = self.bits[row], self.levels[row]
        if self.pagewise is None:
            return bits, levels
        types = self.pagewise.types_at(gfns)
        return type_bits(types), smooth_levels(self.pagewise, gfns, levels)


class Lookup(NamedTuple):
    """How a policy finds types in MTRRs: whether it leaks (see Policy.leaks_srcu), and by what.

    ``sdm`` is the layout for the SDM's lookup, None for KVM's own walk.
    """

    leaks_srcu: bool = False
    sdm: SdmLayout | None = None


_WALK = Lookup()


def fault_map_for(
    layout: TypeLayout,
    override: tuple[MemoryType, int] | None,
    limits_level: bool,
    lookup: Lookup = _WALK,
) -> FaultMap:
    """Return the map for a layout, a policy's leaf override (None: MTRRs decide) and level rule."""
    bits = None if override is None else ept_bits(*override)
    needed = layout if bits is None or limits_level else None
    # Where MTRRs have no say there is no lookup, and so none that could leak.
    if bits is None and lookup.sdm is not None:
        return _sdm_map(lookup.sdm, limits_level)
    return _fault_map(needed, bits, limits_level, lookup.leaks_srcu and bits is None)


@lru_cache(maxsize=256)
def _sdm_map(layout: SdmLayout, limits_level: bool) -> FaultMap:
    """Build the map of the SDM's lookup; KVM's own where both agree.

    On hardware bits may hold UNKNOWN or UNDEFINED in place of a type.

    KVM's level rule stays; besides no leaf may hold pages of different types.
    """
    types = sdm_types(layout)
    if types.is_same and not layout.is_hardware:
        return _fault_map(layout.kvm, None, limits_level, leaks_srcu=False)
    found: _Column = (types.starts, type_bits(FIRST_TYPE[types.in_force]))
    levels: _Column = level_intervals(layout.kvm) if limits_level else _ANY_LEVEL
    starts, bits, levels_kvm, even = _merge(found, levels, uniform_levels(types))
    leaks = np.zeros(len(starts), np.bool_)
    mixed = types if bool(is_mixed(types.in_force).any()) else None
    return _shared(starts, bits, np.minimum(levels_kvm, even), leaks, mixed)


@lru_cache(maxsize=512)
def _fault_map(
    layout: TypeLayout | None, bits: int | None, limits_level: bool, leaks_srcu: bool
) -> FaultMap:
    """Build a map from what it depends on; one of equal content that lives is returned instead."""
    types: _Column = (_ZERO, np.full(1, bits or 0, dtype=np.uint8))
    levels: _Column = _ANY_LEVEL
    leaks: _Column = (_ZERO, np.zeros(1, dtype=np.bool_))
    if layout is not None and bits is None:
        table = type_intervals(layout)
        types = (table.starts, type_bits(table.types))
    if layout is not None and limits_level:
        levels = level_intervals(layout)
    if layout is not None and leaks_srcu:
        leaks = early_end_intervals(layout)
    starts, of_types, of_levels, of_leaks = _merge(types, levels, leaks)
    return _shared(starts, of_types, of_levels, of_leaks)


_Column = tuple[npt.NDArray[np.uint64], npt.NDArray[Any]]
_ZERO = np.zeros(1, dtype=np.uint64)
_ANY_LEVEL: _Column = (_ZERO, np.full(1, 3, dtype=np.uint8))


def _merge(*columns: _Column) -> list[npt.NDArray[Any]]:
    """Cut all columns at all their starts, drop the cuts where nothing changes: starts first."""
    starts = distinct(np.concatenate([column[0] for column in columns]))
    values = [of[np.searchsorted(first, starts, side="right") - 1] for first, of in columns]
    keep = np.ones(len(starts), dtype=np.bool_)
    keep[1:] = np.any([value[1:] != value[:-1] for value in values], axis=0)
    return [starts[keep], *(value[keep] for value in values)]


_living: WeakValueDictionary[tuple[object, ...], FaultMap] = WeakValueDictionary()


def _shared(
    starts: npt.NDArray[np.uint64],
    bits: npt.NDArray[np.uint8],
    levels: npt.NDArray[np.uint8],
    leaks: npt.NDArray[np.bool_],
    pagewise: SdmTypes | None = None,
) -> FaultMap:
    """Return the living map of this content, or make it."""
    columns = (starts, bits, levels, leaks)
    for column in columns:
        column.flags.writeable = False
    content = (*(column.tobytes() for column in columns), pagewise)
    return _living.setdefault(content, FaultMap(*columns, pagewise))
