"""The fixed ranges of a wanted map: eleven registers of eight types for the first MiB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.layout import FIXED_ENDS, FIXED_STARTS
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.msr.registers import DRAM_BITS, FIXED_MSRS

if TYPE_CHECKING:
    from mtrrviz.analysis.solve.target import Target
    from mtrrviz.analysis.solve.wanted import WantedMap

_CACHED_LEAST_FIRST = tuple(reversed(MEMORY_TYPES))
_ROWS = {msr: slice(8 * row, 8 * row + 8) for row, msr in enumerate(FIXED_MSRS)}


def fixed_values(wanted: WantedMap, target: Target) -> dict[int, int]:
    """Return the value of each fixed register to be written, by MSR number.

    A sub-range that shall have several types gets the one that caches least; where any type will
    do it is UC. On a real machine the registers that nobody told are left out, and what need not
    change in the others stays.
    """
    spans = list(zip(FIXED_STARTS, FIXED_ENDS, strict=True))
    if target.is_host:
        return {
            msr: _merged(value, wanted, spans[_ROWS[msr]], keep_dram=target.has_dram_bits)
            for msr, value in target.fixed
        }
    types = bytes(_type_of(_types_in(wanted, *span)) for span in spans)
    return {msr: int.from_bytes(types[row], "little") for msr, row in _ROWS.items()}


def _merged(value: int, wanted: WantedMap, spans: list[tuple[int, int]], *, keep_dram: bool) -> int:
    """Return a register's value with those of its bytes changed whose type is not as wanted."""
    old = value.to_bytes(8, "little")
    new = bytearray(old)
    for at, span in enumerate(spans):
        found = {kind for kind in _types_in(wanted, *span) if kind is not None}
        dram = old[at] & DRAM_BITS & 0xFF if keep_dram else 0
        if found - {old[at] ^ dram}:
            new[at] = _type_of(found) | dram
    return int.from_bytes(bytes(new), "little")


def _types_in(wanted: WantedMap, start: int, end: int) -> set[MemoryType | None]:
    return {piece.type for piece in wanted.pieces if piece.start < end and piece.end > start}


def _type_of(found: set[MemoryType | None] | set[MemoryType]) -> MemoryType:
    return next((kind for kind in _CACHED_LEAST_FIRST if kind in found), MemoryType.UC)
