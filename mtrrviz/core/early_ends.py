"""Where KVM's walk over the variable ranges ends before its last range.

The per-VM patch as posted took an SRCU read lock for the walk and did not give it back on these two
early answers (UC met later, or an undefined overlap). Nothing else depends on
these answers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mtrrviz.core.layout import FIXED_LIMIT_GFN, TypeLayout, combine, range_borders


def ends_early(layout: TypeLayout, gfn: int) -> bool:
    """Return whether a page's lookup is answered in the middle of the walk."""
    if layout.fixed is not None and gfn < FIXED_LIMIT_GFN:
        return False
    seen = -1
    for start, end, found in layout.ranges:
        if not start <= gfn < end:
            continue
        seen, ends = (found, False) if seen < 0 else combine(seen, found)
        if ends:
            return True
    return False


def early_end_intervals(
    layout: TypeLayout,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Return (starts, flags) of ``ends_early`` over the whole space; neighbours may be equal."""
    starts = {0, FIXED_LIMIT_GFN} | range_borders(layout)
    ordered = sorted(starts)
    flags = [ends_early(layout, gfn) for gfn in ordered]
    return np.array(ordered, dtype=np.uint64), np.array(flags, dtype=np.bool_)
