"""The types a user wants, laid over the map as stripes: what is wanted is never solid.

A value a pixel, as in the map itself; 0 lets what lies below shine through.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.geometry.map_pixels import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from mtrrviz.geometry.map_layout import MapLayout, Placed
    from mtrrviz.geometry.map_pixels import PixelMap

TypedSpan = tuple[int, int, int]
"""Gfns [first, end) and a memory type's value."""

WANTED = 8
"""Value of a pixel of a stripe, to which the memory type's value is added."""
VALUES = WANTED + 8
_STRIPE_PX = 3


def wanted_types(layout: MapLayout, spans: Iterable[TypedSpan]) -> NDArray[np.uint8]:
    """Return the types wanted in each dot, uint8, one bit a type value; 0 where any will do."""
    types = np.zeros(layout.dots, np.uint8)
    for first, end, kind in spans:
        low, high = max(first, layout.first_gfn), min(end, layout.end_gfn)
        if low < high:
            dots = layout.dots_of(np.array([low, high - 1], np.uint64))
            types[dots[0] : dots[1] + 1] |= np.uint8(1 << kind)
    return types


def wanted_image(types: NDArray[np.uint8], pixels: PixelMap) -> NDArray[np.uint8]:
    """Return the image (height, width), uint8: diagonal stripes; two types in turns."""
    lowest = _values(types & (~types + np.uint8(1)))
    rest = types & (types - np.uint8(1))
    second = np.where(rest > 0, _values(rest & (~rest + np.uint8(1))), lowest)
    one, other = (pixels.picture(_by_role(part)) for part in (lowest, second))
    height, width = one.shape
    stripe = _stripes(height, width)
    return np.where(stripe == 0, one, np.where(stripe == 2, other, np.uint8(0)))


@lru_cache(maxsize=2)
def _stripes(height: int, width: int) -> NDArray[np.uint8]:
    """Return which stripe each pixel is of: 0 and 2 are painted, 1 and 3 lie between."""
    diagonal = np.add.outer(np.arange(height), np.arange(width))
    return (diagonal // _STRIPE_PX % 4).astype(np.uint8)


def _values(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixel values of dots with one type bit each, 0 where there is none."""
    kinds = np.log2(np.maximum(bits, 1)).astype(np.uint8)
    return np.where(bits > 0, kinds + np.uint8(WANTED), np.uint8(0))


def _by_role(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a value a dot for all parts of dots, and nothing for the background."""
    return np.append(np.tile(values, ROLES), np.uint8(0))


def wanted_runs(item: Placed, types: NDArray[np.uint8]) -> Iterator[tuple[int, int, int]]:
    """Yield (first dot, end dot, type value) of the runs of one type in a band, for letters."""
    own = types[item.first_dot : item.end_dot]
    cuts = [0, *(np.flatnonzero(own[1:] != own[:-1]) + 1).tolist(), len(own)]
    for low, high in pairwise(cuts):
        bits = int(own[low])
        if bits and not bits & (bits - 1):
            yield item.first_dot + low, item.first_dot + high, bits.bit_length() - 1
