"""Variable ranges as the SDM reads them: a page matches where it equals the base under the mask.

KVM fills the holes of a mask; by the SDM (SDM vol. 3A 12.11.2.3 and 12.11.3.1) they are real,
and one pair may match millions of separate stretches. So nothing here lists them: within an
aligned block of 2^n pages a pair matches all, none, or those whose low n bits fit, and which pairs
can match together follows from counting. Everything is in gfns.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.units import GFN_SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

UNDEFINED = 7
"""Stands for a type where the SDM leaves an overlap undefined."""

NO_MATCH = 2
"""Stands for a type where no pair matches, so that the default type counts."""

_MOST_COUNTED = 10
"""So many pairs that cut one block are counted exactly; real machines have none."""

_FEW_RUNS = 64
"""A pair of at most so many separate stretches has each of them listed as an interval."""


class Pair(NamedTuple):
    """A valid pair: the page ``gfn`` matches if ``(gfn ^ base) & compare == 0``."""

    base: int
    compare: int
    type: int


def _resolved_types() -> NDArray[np.uint8]:
    """Return the type of each set of matching types (one bit each).

    SDM vol. 3A 12.11.4.1: UC beats all, WT beats WB, any other mix is undefined. Order has no part
    in it.
    """
    table = np.full(256, UNDEFINED, np.uint8)
    table[0] = NO_MATCH
    for kind in MemoryType:
        table[1 << kind] = kind
    table[1 << MemoryType.WT | 1 << MemoryType.WB] = MemoryType.WT
    table[1::2] = MemoryType.UC
    table.flags.writeable = False
    return table


RESOLVED = _resolved_types()
"""The type, UNDEFINED or NO_MATCH, for each set of matching types (one bit each), 256 long."""


def matching_types(pairs: Sequence[Pair], gfns: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the set of types that match each page, one bit a type."""
    found = np.zeros(len(gfns), np.uint8)
    for base, compare, kind in pairs:
        matches = (gfns ^ np.uint64(base)) & np.uint64(compare) == 0
        found |= matches.astype(np.uint8) << np.uint8(kind)
    return found


def block_types(
    pairs: Sequence[Pair], firsts: NDArray[np.uint64], sizes: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return the set of types in each aligned block, one bit a type.

    UNDEFINED and NO_MATCH may be among them.

    A block starts at ``firsts`` and has 2^``sizes`` pages.
    """
    low = (np.uint64(1) << sizes.astype(np.uint64)) - np.uint64(1)
    found = np.zeros(len(firsts), np.uint64)
    for number, (base, compare, kind) in enumerate(pairs):
        differs = (firsts ^ np.uint64(base)) & np.uint64(compare)
        agrees = differs & ~low == 0
        is_cut = np.uint64(compare) & low != 0
        found |= (agrees & ~is_cut).astype(np.uint64) << np.uint64(kind)
        found |= (agrees & is_cut).astype(np.uint64) << np.uint64(8 + number)
    found |= sizes.astype(np.uint64) << np.uint64(40)
    cases, of_block = np.unique(found, return_inverse=True)
    answers = [_case_types(tuple(pairs), case) for case in cases.tolist()]
    return np.array(answers, np.uint8)[of_block]


@lru_cache(maxsize=4096)
def _case_types(pairs: tuple[Pair, ...], case: int) -> int:
    """Return the types in a block: bits 0-7 those that match all of it, 8-39 pairs that cut it."""
    whole, size = case & 0xFF, case >> 40
    # Pairs alike in all match together, so one of them is enough.
    cutting = list(dict.fromkeys(p for i, p in enumerate(pairs) if case >> 8 >> i & 1))
    types = 0
    for together in _sets_that_meet(cutting, size):
        types |= 1 << int(RESOLVED[whole | together])
    return types


def _sets_that_meet(pairs: list[Pair], size: int) -> set[int]:
    """Return the sets of types that match some page of a block of 2^size pages together.

    For every choice of pairs the pages that all of these match are counted, others matching or
    not; taking away those that a further pair matches, pair by pair, leaves the pages that just
    these match (the sum over supersets, inverted). Of very many pairs any may meet any.
    """
    if len(pairs) > _MOST_COUNTED:
        return _any_of(sorted({pair.type for pair in pairs}))
    choices = range(1 << len(pairs))
    chosen = [[pair for i, pair in enumerate(pairs) if choice >> i & 1] for choice in choices]
    pages = [_pages_matching(some, size) for some in chosen]
    for i in range(len(pairs)):
        for choice in choices:
            if not choice >> i & 1:
                pages[choice] -= pages[choice | 1 << i]
    return {sum({1 << pair.type for pair in chosen[n]}) for n in choices if pages[n]}


def _any_of(types: list[int]) -> set[int]:
    """Return all sets that can be made of some types, the empty one too."""
    sets = {0}
    for kind in types:
        sets |= {one | 1 << kind for one in sets}
    return sets


def _pages_matching(pairs: list[Pair], size: int) -> int:
    """Return how many pages of a block of 2^size pages all of these match."""
    value = compared = 0
    low = (1 << size) - 1
    for pair in pairs:
        if (pair.base ^ value) & pair.compare & compared & low:
            return 0
        value |= pair.base & pair.compare & low
        compared |= pair.compare & low
    return 1 << size - compared.bit_count()


def aligned_blocks(
    firsts: NDArray[np.uint64], ends: NDArray[np.uint64]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint64], NDArray[np.uint8]]]:
    """Cut ranges [first, end) into aligned blocks, a few rounds of (range, first gfn, size)."""
    rows = np.flatnonzero(firsts < ends)
    at, ends = firsts[rows], ends[rows]
    while len(rows):
        size = np.minimum(_exponent(ends - at), _exponent(at & (~at + np.uint64(1))))
        yield rows, at, size
        at = at + (np.uint64(1) << size.astype(np.uint64))
        left = at < ends
        rows, at, ends = rows[left], at[left], ends[left]


def _exponent(numbers: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the position of the highest set bit; 52, the whole space, for 0."""
    exponent = np.frexp(numbers.astype(np.float64))[1] - 1
    return np.where(numbers == 0, 52, exponent).astype(np.uint8)


def pair_borders(pair: Pair) -> set[int]:
    """Return the gfns where a pair begins or ceases to match; only the outermost of too many."""
    step = pair.compare & -pair.compare or GFN_SPACE
    holes = [1 << bit for bit in range(52) if step <= 1 << bit and not pair.compare >> bit & 1]
    lowest = pair.base & pair.compare
    if 1 << len(holes) > _FEW_RUNS:
        return {lowest, (lowest | ~pair.compare & GFN_SPACE - 1) + 1}
    starts = {lowest}
    for hole in holes:
        starts |= {start | hole for start in starts}
    return starts | {start + step for start in starts}
