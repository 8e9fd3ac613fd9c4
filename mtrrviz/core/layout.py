"""The part of one vCPU's MTRRs that memory types depend on, and KVM's answers read from it.

A TypeLayout is a value: two vCPUs with equal layouts get equal types everywhere, so the interval
tables built from one are cached by content and shared. Everything is in gfns (4 KiB pages); KVM's
ranges start and end on page borders, so nothing is lost.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import FIXED_MSRS, fixed_subranges
from mtrrviz.core.units import GFN_SPACE, LEVEL_PAGES, PAGE_SHIFT

FIXED_LIMIT_GFN = 0x100
"""First page the fixed registers do not cover (1 MiB)."""

FIXED_STARTS: tuple[int, ...] = tuple(
    start >> PAGE_SHIFT for msr in FIXED_MSRS for start, _ in fixed_subranges(msr)
)
"""First gfn of each of the 88 fixed sub-ranges, ascending."""

FIXED_ENDS: tuple[int, ...] = (*FIXED_STARTS[1:], FIXED_LIMIT_GFN)
"""Gfn after each fixed sub-range."""

_UC, _WT, _WB = int(MemoryType.UC), int(MemoryType.WT), int(MemoryType.WB)
_WRITE_PAIR = frozenset((_WT, _WB))


class TypeLayout(NamedTuple):
    """Default type, the 88 fixed types (None if not in use) and the valid ranges in walk order.

    Each range is (start gfn, end gfn exclusive, type). With MTRRs off the layout is just the
    type all memory then has, as KVM treats a disabled set and an empty one alike.
    """

    default: int
    fixed: bytes | None
    ranges: tuple[tuple[int, int, int], ...]


class TypeIntervals(NamedTuple):
    """The whole space [0, 2^52) cut where the type changes.

    ``starts`` uint64 (first 0) and ``types`` uint8 have one row an interval; ``padded`` is
    ``types`` with one row in front, so that searchsorted's result indexes it as it is.
    """

    starts: npt.NDArray[np.uint64]
    types: npt.NDArray[np.uint8]
    padded: npt.NDArray[np.uint8]


def fixed_index(gfn: int) -> int:
    """Return which of the 88 fixed sub-ranges holds a page below 1 MiB."""
    return bisect_right(FIXED_STARTS, gfn) - 1


def combine(seen: int, found: int) -> tuple[int, bool]:
    """Merge the type of a further matching range into the one so far; return (type, walk ends).

    KVM takes UC at once, WT for a mix of WT and WB, and gives up with WB on any other mix. Only the
    *later* of two types is compared with UC, so the result depends on the order.
    """
    if found == seen:
        return seen, False
    if found == _UC:
        return _UC, True
    if found in _WRITE_PAIR and seen in _WRITE_PAIR:
        return _WT, False
    return _WB, True


def type_of(layout: TypeLayout, gfn: int) -> int:
    """Return a page's type code (KVM: kvm_mtrr_get_guest_memory_type)."""
    if layout.fixed is not None and gfn < FIXED_LIMIT_GFN:
        return layout.fixed[fixed_index(gfn)]
    return _variable_type(layout, gfn)


def _variable_type(layout: TypeLayout, gfn: int) -> int:
    """Fold the matching ranges in walk order; the default type if none matches."""
    seen = -1
    for start, end, found in layout.ranges:
        if not start <= gfn < end:
            continue
        if seen < 0:
            seen = found
            continue
        seen, ends = combine(seen, found)
        if ends:
            return seen
    return layout.default if seen < 0 else seen


def uniform(layout: TypeLayout, gfn: int, pages: int) -> bool:
    """Return whether KVM finds one type for these pages (kvm_mtrr_check_gfn_range_consistency).

    KVM visits ranges from the highest base down, so pages
    that several adjacent ranges of one type cover together count as partly covered.
    """
    end = (gfn + pages) % GFN_SPACE
    seen = -1
    if layout.fixed is not None and gfn < FIXED_LIMIT_GFN:
        first = fixed_index(gfn)
        last = bisect_left(FIXED_ENDS, end, first)
        types = layout.fixed[first : last + 1]
        seen = types[0]
        if types.count(seen) != len(types):
            return False
        if last < len(FIXED_ENDS):
            return True
    return _uniform_in_ranges(layout, gfn, end, seen)


def _uniform_in_ranges(layout: TypeLayout, gfn: int, end: int, seen: int) -> bool:
    """Finish ``uniform`` over the variable ranges; ``seen`` is the fixed type met, or -1."""
    covered = gfn
    partial = False
    for start, stop, found in layout.ranges:
        if start >= end or stop <= gfn:
            continue
        partial |= covered < start
        covered = max(covered, stop)
        if seen < 0:
            seen = found
        elif seen != found:
            return False
    partial |= covered < end
    return not partial or seen < 0 or seen == layout.default


def level_limit(layout: TypeLayout, gfn: int) -> int:
    """Return the largest leaf level the MTRRs allow here: 3 (1 GiB), 2 (2 MiB) or 1 (4 KiB)."""
    for level in (3, 2):
        pages = LEVEL_PAGES[level]
        if uniform(layout, gfn & -pages, pages):
            return level
    return 1


@lru_cache(maxsize=512)
def type_intervals(layout: TypeLayout) -> TypeIntervals:
    """Return the layout's types over the whole space as merged, read-only intervals."""
    starts: list[int] = []
    types: list[int] = []
    for start, found in _pieces(layout):
        if not types or types[-1] != found:
            starts.append(start)
            types.append(found)
    padded = np.array([types[0], *types], dtype=np.uint8)
    padded.flags.writeable = False
    first = np.array(starts, dtype=np.uint64)
    first.flags.writeable = False
    return TypeIntervals(first, padded[1:], padded)


def _pieces(layout: TypeLayout) -> list[tuple[int, int]]:
    """Return (start, type) of every piece no register border runs through, ascending."""
    low = 0
    pieces: list[tuple[int, int]] = []
    if layout.fixed is not None:
        pieces.extend(zip(FIXED_STARTS, layout.fixed, strict=True))
        low = FIXED_LIMIT_GFN
    borders = {low, *(b for b in range_borders(layout) if b > low)}
    pieces.extend((border, _variable_type(layout, border)) for border in sorted(borders))
    return pieces


def range_borders(layout: TypeLayout) -> set[int]:
    """Return every gfn within the space where a variable range starts or ends."""
    borders = {border for start, end, _ in layout.ranges for border in (start, end)}
    return {border for border in borders if border < GFN_SPACE}


@lru_cache(maxsize=512)
def level_intervals(layout: TypeLayout) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    """Return (starts, levels) of ``level_limit`` over the whole space, exact for every page.

    Blocks that no range border runs through and that do not hold the fixed ranges are covered by
    each range wholly or not at all, so a run of them between two borders shares one answer. Only
    the blocks with a border inside, the first and the last (whose end wraps to 0) differ.
    """
    starts: list[int] = []
    levels: list[int] = []
    borders = sorted(range_borders(layout))
    for start, end, is_uniform in _block_runs(layout, borders, 3, 0, GFN_SPACE):
        runs = [(start, 3)] if is_uniform else _small_levels(layout, borders, start, end)
        for first, level in runs:
            if not levels or levels[-1] != level:
                starts.append(first)
                levels.append(level)
    return np.array(starts, dtype=np.uint64), np.array(levels, dtype=np.uint8)


def _small_levels(
    layout: TypeLayout, borders: list[int], start: int, end: int
) -> list[tuple[int, int]]:
    """Return (start, level) of the parts of a stretch that allows no 1 GiB leaf."""
    runs = _block_runs(layout, borders, 2, start, end)
    return [(first, 2 if is_uniform else 1) for first, _, is_uniform in runs]


def _block_runs(
    layout: TypeLayout, borders: list[int], level: int, start: int, end: int
) -> list[tuple[int, int, bool]]:
    """Cut [start, end) into runs of blocks of one level with a shared answer of ``uniform``."""
    pages = LEVEL_PAGES[level]
    cuts = {start, end}
    if start == 0:
        cuts.add(pages)
    if end == GFN_SPACE:
        cuts.add(end - pages)
    for border in borders[bisect_left(borders, start) : bisect_right(borders, end)]:
        block = border & -pages
        cuts.add(block)
        if block != border and block + pages <= end:
            cuts.add(block + pages)
    edges = sorted(cuts)
    return [(a, b, uniform(layout, a, pages)) for a, b in pairwise(edges)]
