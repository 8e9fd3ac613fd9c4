"""Columns of leaves that several tables have: a type and an IPAT from entry bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.ept import IPAT_BIT, bits_to_leaf, type_code
from mtrrviz.core.sdm.hardware import HostType
from mtrrviz.scenario.touches import Access

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names by value: a table of a million leaves asks a million times.
_TYPE_NAMES = {kind.value: kind.label for kind in HostType}
_ACCESS_NAMES = {access.value: access.name.lower() for access in Access}


def type_names(bits: Iterable[int | None]) -> list[str | None]:
    """Return the names of the memory types in entry bits; None stays None."""
    return [None if one is None else _TYPE_NAMES[type_code(one)] for one in bits]


def ipats(bits: Iterable[int | None]) -> list[int | None]:
    """Return the IPAT in entry bits, 0 or 1; None stays None."""
    return [None if one is None else int(one & IPAT_BIT > 0) for one in bits]


def access_names(codes: Iterable[int]) -> list[str]:
    """Return what faulted, e.g. "write"."""
    return [_ACCESS_NAMES[code] for code in codes]


def entry_words(bits: int | None) -> str:
    """Return the type and IPAT of a leaf, e.g. "WB + IPAT", or that there is none."""
    if bits is None:
        return "no leaf"
    memory_type, ipat = bits_to_leaf(bits)
    return f"{memory_type.name} + IPAT" if ipat else memory_type.name
