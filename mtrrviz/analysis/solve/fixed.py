"""The fixed ranges of a wanted map: eleven registers of eight types for the first MiB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.layout import FIXED_ENDS, FIXED_STARTS
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.registers import FIXED_MSRS

if TYPE_CHECKING:
    from mtrrviz.analysis.solve.wanted import WantedMap

_CACHED_LEAST_FIRST = tuple(reversed(MEMORY_TYPES))


def fixed_values(wanted: WantedMap) -> dict[int, int]:
    """Return the value of each fixed register, by MSR number.

    A sub-range that shall have several types gets the one that caches least; where any type will
    do it is UC.
    """
    spans = zip(FIXED_STARTS, FIXED_ENDS, strict=True)
    types = bytes(_type_of(wanted, start, end) for start, end in spans)
    return {
        msr: int.from_bytes(types[8 * row : 8 * row + 8], "little")
        for row, msr in enumerate(FIXED_MSRS)
    }


def _type_of(wanted: WantedMap, start: int, end: int) -> MemoryType:
    found = {piece.type for piece in wanted.pieces if piece.start < end and piece.end > start}
    return next((kind for kind in _CACHED_LEAST_FIRST if kind in found), MemoryType.UC)
