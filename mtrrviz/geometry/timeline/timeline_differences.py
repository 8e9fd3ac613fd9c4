"""Where on the time axis two EPTs differ, and in which way: one kind for each pixel column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis


def difference_columns(
    times_ns: NDArray[np.int64], pages: NDArray[np.int64], axis: TimeAxis
) -> NDArray[np.uint8]:
    """Return the kind that most pages differ in, uint8, at any time within each pixel of the axis.

    ``pages`` (kinds, times) are those that differ in each kind from a time on until the next; row 0
    are equal ones, and the kind 0 stands for no difference. One of a nanosecond fills its pixel.
    """
    edges = axis.start_ns + np.arange(axis.width + 1) * (axis.span_ns / axis.width)
    # a column of zeros before, as nothing differs until the first time, and one for reduceat's end
    pages = np.pad(pages[1:], ((0, 0), (1, 1)))
    last = np.searchsorted(times_ns, np.floor(edges).astype(np.int64), "right")
    first, last = last[:-1], last[1:]
    bounds = np.stack([first, last + 1], axis=1).reshape(-1)
    most = np.maximum.reduceat(pages, bounds, axis=1)[:, ::2]
    kinds = most.argmax(axis=0).astype(np.uint8) + np.uint8(1)
    return np.where(most.any(axis=0), kinds, np.uint8(0))
