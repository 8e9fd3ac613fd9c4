"""Variable ranges: what a PHYSBASE/PHYSMASK pair covers, and the pair for a wanted range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import VALID_BIT, WORD
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE, format_gpa, format_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PAGE_BITS = WORD & ~(PAGE_SIZE - 1)


class VariableRange(Record):
    """A pair as KVM reads it: the bytes [start, end) get ``type``, if ``is_valid``.

    The start is the base with its low 12 bits cleared, the end is where the mask's lowest run of
    clear bits above the base runs out, holes in the mask filled (KVM: var_mtrr_range). ``end`` is
    exclusive and taken modulo 2^64: 0 means the pair covers nothing.
    """

    start: int
    end: int
    type: MemoryType
    valid: bool
    is_contiguous_mask: bool
    is_aligned: bool

    @property
    def size_bytes(self) -> int:
        """Return the bytes covered, 0 if the end wrapped."""
        return max(0, self.end - self.start)

    @property
    def start_gfn(self) -> int:
        """Return the first page covered."""
        return self.start >> PAGE_SHIFT

    @property
    def end_gfn(self) -> int:
        """Return the page after the last one covered."""
        return self.end >> PAGE_SHIFT


def reserved_bits(maxphyaddr: int) -> int:
    """Return the bits from MAXPHYADDR to 63; KVM sets them in every mask that was written."""
    return WORD & ~((1 << maxphyaddr) - 1)


def range_end(physbase: int, stored_mask: int) -> int:
    """Return the exclusive end address KVM computes, modulo 2^64 (KVM: var_mtrr_range).

    ``stored_mask`` is the mask as KVM keeps it, with the bits above MAXPHYADDR set.
    """
    return ((physbase & _PAGE_BITS | ~(stored_mask & _PAGE_BITS)) + 1) & WORD


def pair_to_range(physbase: int, physmask: int, maxphyaddr: int) -> VariableRange:
    """Return what KVM makes of a written pair, valid or not.

    ValueError if the type byte of the base is not a memory type.
    """
    stored = physmask | reserved_bits(maxphyaddr)
    wild = ~stored & _PAGE_BITS | (PAGE_SIZE - 1)
    return VariableRange(
        start=physbase & _PAGE_BITS,
        end=range_end(physbase, stored),
        type=MemoryType(physbase & 0xFF),
        valid=bool(physmask & VALID_BIT),
        is_contiguous_mask=wild & (wild + 1) == 0,
        is_aligned=physbase & wild & _PAGE_BITS == 0,
    )


def pairs_cover(
    physbase: NDArray[np.uint64], physmask: NDArray[np.uint64], maxphyaddr: int, gfn: int
) -> NDArray[np.bool_]:
    """Return which of many written pairs are valid and cover a page, as :func:`pair_to_range`."""
    kept, stored = np.uint64(_PAGE_BITS), physmask | np.uint64(reserved_bits(maxphyaddr))
    start = physbase & kept
    end = (start | ~(stored & kept)) + np.uint64(1)  # modulo 2^64
    page, is_valid = np.uint64(gfn << PAGE_SHIFT), physmask & np.uint64(VALID_BIT) != 0
    return is_valid & (start <= page) & (page < end)


def range_to_pair(
    base: int, size_bytes: int, memory_type: MemoryType, maxphyaddr: int
) -> tuple[int, int]:
    """Return (PHYSBASE, PHYSMASK with V) for a range (SDM vol. 3A 12.11.3).

    ValueError, in words, if the size is not a power of two of at least a page, the base is not a
    multiple of the size, or the range ends beyond MAXPHYADDR.
    """
    if size_bytes < PAGE_SIZE or size_bytes & (size_bytes - 1):
        raise ValueError(
            f"the size must be a power of two of at least 4 KiB, not "
            f"{format_size(max(size_bytes, 0), exact=True)}"
        )
    if base < 0 or base % size_bytes:
        raise ValueError(
            f"the base {format_gpa(base)} must be a multiple of the size "
            f"({format_size(size_bytes, exact=True)})"
        )
    limit = 1 << maxphyaddr
    if base + size_bytes > limit:
        raise ValueError(
            f"the range ends at {format_gpa(base + size_bytes)}, beyond the guest's "
            f"{maxphyaddr}-bit physical addresses"
        )
    return base | MemoryType(memory_type), (limit - 1) & ~(size_bytes - 1) | VALID_BIT
