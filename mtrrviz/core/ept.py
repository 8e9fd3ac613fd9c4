"""EPT entries as the 64 bits they are, and where in the four tables a page's entry sits.

The model gives guest page g the host frame g + HOST_FRAME_OFFSET: a stand-in so that entries show
a plausible frame number, not something KVM promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MTRR_TYPE_CODES, MemoryType
from mtrrviz.core.msr.registers import WORD
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_PAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOST_FRAME_OFFSET = 0x10_0000
"""Modelled distance from a gfn to its host frame (4 GiB in pages)."""

TYPE_SHIFT = 3
IPAT_BIT = 1 << 6
TYPE_AND_IPAT = 7 << TYPE_SHIFT | IPAT_BIT
PAGE_SIZE_BIT = 1 << 7
ACCESSED_BIT = 1 << 8
DIRTY_BIT = 1 << 9
PFN_SHIFT = 12
PFN_MASK = ((1 << 52) - 1) & ~((1 << PFN_SHIFT) - 1)
FOUR_LEVEL_GFNS = 1 << 36
"""Gfns four levels can address (48-bit guest physical addresses)."""

_KNOWN_BITS = 0x3FF | PFN_MASK


class EptEntry(Record):
    """An EPT entry, field by field (SDM vol. 3C tables 29-1 to 29-7).

    ``pfn`` is the host frame, or the next table's frame if this is no leaf; ``is_large`` is bit 7,
    set on 2 MiB and 1 GiB leaves; ``other`` keeps the bits not interpreted here, in place.
    """

    read: bool
    write: bool
    execute: bool
    memory_type: MemoryType
    ipat: bool
    is_large: bool
    accessed: bool
    dirty: bool
    pfn: int
    other: int = 0

    def encode(self) -> int:
        """Return the 64-bit entry; ValueError if a field does not fit its bits."""
        if not 0 <= self.pfn <= PFN_MASK >> PFN_SHIFT:
            raise ValueError(f"host frame {self.pfn:#x} does not fit bits 51:12")
        if self.other & _KNOWN_BITS or not 0 <= self.other <= WORD:
            raise ValueError(f"other bits {self.other:#x} overlap the entry's known fields")
        value = self.read | self.write << 1 | self.execute << 2
        value |= self.memory_type << TYPE_SHIFT | self.ipat << 6 | self.is_large << 7
        value |= self.accessed << 8 | self.dirty << 9
        return value | self.pfn << PFN_SHIFT | self.other


def encode(entry: EptEntry) -> int:
    """Return the 64-bit value of an entry."""
    return entry.encode()


def decode(value: int) -> EptEntry:
    """Return the fields of a 64-bit entry; ValueError if it is too long or its type is reserved."""
    if not 0 <= value <= WORD:
        raise ValueError(f"an EPT entry must fit 64 bits, not {value:#x}")
    code = value >> TYPE_SHIFT & 7
    if code not in MTRR_TYPE_CODES:
        raise ValueError(f"memory type {code} in bits 5:3 is reserved (an EPT misconfiguration)")
    return EptEntry(
        read=bool(value & 1),
        write=bool(value & 2),
        execute=bool(value & 4),
        memory_type=MemoryType(code),
        ipat=bool(value & IPAT_BIT),
        is_large=bool(value & PAGE_SIZE_BIT),
        accessed=bool(value & ACCESSED_BIT),
        dirty=bool(value & DIRTY_BIT),
        pfn=(value & PFN_MASK) >> PFN_SHIFT,
        other=value & WORD & ~_KNOWN_BITS,
    )


def ept_bits(memory_type: MemoryType, ipat: bool | int) -> int:
    """Return type << 3 | IPAT << 6, the part of a leaf vmx_get_mt_mask supplies."""
    return memory_type << TYPE_SHIFT | (IPAT_BIT if ipat else 0)


def bits_to_leaf(bits: int) -> tuple[MemoryType, int]:
    """Return (type, IPAT) of bits as ept_bits makes them."""
    return MemoryType(bits >> TYPE_SHIFT & 7), bits >> 6 & 1


def type_code(bits: int) -> int:
    """Return the type code of bits as ept_bits makes them, which may be a reserved one."""
    return bits >> TYPE_SHIFT & 7


def type_codes(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the type code of each leaf's bits, uint8: a value of MemoryType, or reserved."""
    return bits >> np.uint8(TYPE_SHIFT) & np.uint8(7)


def has_ipat(bits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which leaves' bits have IPAT set."""
    return bits & np.uint8(IPAT_BIT) > 0


def type_bits(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the bits of leaves of these type codes without IPAT, uint8."""
    return codes << np.uint8(TYPE_SHIFT)


def leaf_text(bits: int) -> str:
    """Return bits as ept_bits makes them in words, such as "WB, IPAT 1"."""
    if type_code(bits) not in MTRR_TYPE_CODES:
        return "no type that is known"  # on a real machine
    memory_type, ipat = bits_to_leaf(bits)
    return f"{memory_type.name}, IPAT {ipat}"


def leaf_entry(gfn: int, level: int, bits: int) -> EptEntry:
    """Return the leaf KVM would install for the block of this page: RWX, accessed and dirty.

    ``bits`` as from ept_bits; the host frame is modelled.
    """
    memory_type, ipat = bits_to_leaf(bits)
    first, _ = block(gfn, level)
    return EptEntry(
        True, True, True, memory_type, bool(ipat), level > 1, True, True, host_frame(first)
    )


def block(gfn: int, level: int) -> tuple[int, int]:
    """Return (first gfn, pages) of the aligned block a leaf of this level would map."""
    pages = LEVEL_PAGES[level]
    return gfn & -pages, pages


def host_frame(gfn: int) -> int:
    """Return the modelled host frame of a guest page."""
    return gfn + HOST_FRAME_OFFSET
