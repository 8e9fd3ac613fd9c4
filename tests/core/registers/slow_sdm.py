"""The SDM's lookup written down as plainly as it reads, one address at a time.

SDM vol. 3A 12.11.4.1, and AMD's TOM2 (APM vol. 2, 7.9.5). Shares no code with what it judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN, UNDEFINED = "unknown", "undefined"
NAMES = {0: "UC", 1: "WC", 4: "WT", 5: "WP", 6: "WB"}
FIXED = [
    (0x250, 0x00000, 0x10000), (0x258, 0x80000, 0x4000), (0x259, 0xA0000, 0x4000),
    *((0x268 + i, 0xC0000 + 0x8000 * i, 0x1000) for i in range(8)),
]  # fmt: skip


def slow_type(
    values: Mapping[int, int | None], address: int, pairs: int, tom2: int = 0, width: int = 46
) -> str:
    """Return the type of an address; a value of None is one that nobody told."""
    deftype = values[0x2FF]
    if deftype is None:
        return UNKNOWN
    if not deftype & 0x800:
        return "UC"
    if address < 0x100000 and deftype & 0x400:
        return _fixed_type(values, address)
    default = deftype & 0xFF
    if 0x1_0000_0000 <= address < tom2:
        default = 6
    return _variable_type(values, address, pairs, default, width)


def _fixed_type(values: Mapping[int, int | None], address: int) -> str:
    for msr, start, step in FIXED:
        if start <= address < start + 8 * step:
            value = values[msr]
            if value is None:
                return UNKNOWN
            return NAMES[value >> 8 * ((address - start) // step) & 0x07]
    raise AssertionError(address)


def _variable_type(
    values: Mapping[int, int | None], address: int, pairs: int, default: int, width: int
) -> str:
    types: set[int] = set()
    is_open = False
    page_bits = ((1 << width) - 1) & ~0xFFF
    for number in range(pairs):
        base, mask = values[0x200 + 2 * number], values[0x201 + 2 * number]
        if mask is None or (base is None and mask & 0x800):
            is_open = True
        if base is None or mask is None or not mask & 0x800 or address >> width:
            continue
        if address & mask & page_bits == base & mask & page_bits:
            types.add(base & 0xFF)
    if 0 in types:
        return "UC"
    if is_open:
        return UNKNOWN
    if not types:
        return NAMES[default]
    if types == {4, 6}:
        return "WT"
    return NAMES[types.pop()] if len(types) == 1 else UNDEFINED
