"""Which huge leaves hold pages of one type only, where the SDM's lookup is in force."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sdm.sdm_types import is_mixed
from mtrrviz.core.units import GFN_SPACE, LEVEL_PAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.sdm.sdm_types import SdmTypes


def uniform_levels(types: SdmTypes) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return (starts, levels): the largest aligned block around a page that no border cuts.

    Neighbouring intervals may have one type in force after all (KVM's, where the SDM leaves an
    overlap undefined); the border between them does not count.
    """
    sets = types.in_force
    cuts = np.flatnonzero((sets[1:] != sets[:-1]) | is_mixed(sets[1:])) + 1
    borders = types.starts[cuts].tolist()
    starts = {0}
    for border in borders:
        for level in (2, 3):
            first = border & -LEVEL_PAGES[level]
            if first != border:
                starts |= {first, first + LEVEL_PAGES[level]}
    ordered = sorted(start for start in starts if start < GFN_SPACE)
    levels = [_uncut_level(borders, start) for start in ordered]
    return np.array(ordered, np.uint64), np.array(levels, np.uint8)


def _uncut_level(borders: list[int], gfn: int) -> int:
    """Return the largest level whose block around a page has no border inside."""
    for level in (3, 2):
        first = gfn & -LEVEL_PAGES[level]
        after = bisect_left(borders, first + 1)
        if after == len(borders) or borders[after] >= first + LEVEL_PAGES[level]:
            return level
    return 1


def smooth_levels(
    types: SdmTypes, gfns: NDArray[np.uint64], levels: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return ``levels`` of pages, less where the block holds several types."""
    lowered = levels.copy()
    for level in (3, 2):
        rows = np.flatnonzero(lowered == level)
        pages = np.uint64(LEVEL_PAGES[level])
        blocks, of_row = np.unique(gfns[rows] & ~(pages - np.uint64(1)), return_inverse=True)
        mixed = is_mixed(types.sets_in(blocks, blocks + pages))
        lowered[rows[mixed[of_row]]] = level - 1
    return lowered
