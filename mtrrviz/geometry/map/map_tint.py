"""The map's tint: for each dot, the types that faults there would get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import type_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.facts.expected import Expected
    from mtrrviz.geometry.map.map_layout import MapLayout


def tint_types(expected: Expected, layout: MapLayout) -> NDArray[np.uint8]:
    """Return for each dot the types that faults there would get, one bit a type value, uint8."""
    if expected.pagewise is not None:
        return expected.types_in(layout.dot_starts, layout.dot_ends)
    types = np.zeros(layout.dots, np.uint8)
    for first, end, bits in expected.spans(layout.first_gfn, layout.end_gfn):
        low, high = layout.dots_of(np.array([first, end - 1], np.uint64))
        types[low : high + 1] |= np.uint8(1 << type_code(bits))
    return types
