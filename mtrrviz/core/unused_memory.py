"""Memory that was freed and that the C library keeps: handed back to the system."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    """Return glibc's malloc_trim(3), None where the C library is another."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None


def give_back_unused_memory() -> None:
    """Return free pages to the system, wherever they lie.

    glibc raises the size from which it maps arrays on their own with each one that is freed. The
    columns of a run then share a heap with what lives on, and without this a window that was used
    for minutes would hold twice the memory that it needs.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)
