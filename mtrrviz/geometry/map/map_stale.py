"""Which dots hold a stale leaf, as :mod:`mtrrviz.facts.stale` has it.

Where faults on all pages of a dot get the same, counting leaves by their bits is enough. Leaves in
dots that a border of the next faults' types cuts, and leaves that span dots, are compared one by
one; which those are depends on the borders, not on the time, and is worked out once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sdm.sdm_types import is_mixed
from mtrrviz.core.sorting import distinct
from mtrrviz.facts.expected import Expected, first_bits
from mtrrviz.facts.stale import stale_leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.geometry.map.map_leaves import Cover, LeafDots


class StaleDots:
    """Finds stale leaves of any time, for one answer to what the next faults get."""

    def __init__(self, dots: LeafDots, layout: MapLayout, expected: Expected) -> None:
        self._dots = dots
        bits, is_cut = _bits_by_dot(layout, expected)
        self._differs = [~is_cut & (bits != kind.bits) for kind in dots.kinds]
        rows = distinct(np.concatenate([dots.rows_in_dots(is_cut), dots.wide]))
        self._rows = rows[stale_leaves(expected, dots.leaves, rows)]

    @property
    def size_bytes(self) -> int:
        """The size of what is kept here for one answer."""
        return self._rows.nbytes + sum(differs.nbytes for differs in self._differs)

    def find(self, cover: Cover, time_ns: int) -> tuple[NDArray[np.bool_], int]:
        """Return which dots hold a stale leaf, and how many stale leaves are in view."""
        rows = self._dots.live(self._rows, time_ns)
        is_stale = self._dots.marked(rows)
        count = len(rows)
        for counts, differs in zip(cover.counts, self._differs, strict=True):
            if differs.any():
                wrong = counts * differs
                is_stale |= wrong > 0
                count += int(wrong.sum())
        return is_stale, count


def _bits_by_dot(
    layout: MapLayout, expected: Expected
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the bits that faults get by dot, and in which dots there are several."""
    if expected.pagewise is not None:
        sets = expected.sets_in(layout.dot_starts, layout.dot_ends)
        return first_bits(sets), is_mixed(sets)
    bits = np.zeros(layout.dots, np.uint8)
    times = np.zeros(layout.dots, np.intp)
    for first, end, value in expected.spans(layout.first_gfn, layout.end_gfn):
        low, high = layout.dots_of(np.array([first, end - 1], np.uint64))
        bits[low : high + 1] = value
        times[low : high + 1] += 1
    return bits, times > 1
