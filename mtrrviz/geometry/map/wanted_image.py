"""The types a user wants, laid over the map as stripes: solid colours are for leaves.

A value a pixel, as in the map itself; 0 lets what lies below shine through.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.geometry.map.map_pixels import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_layout import MapLayout, Placed
    from mtrrviz.geometry.map.map_pixels import PixelMap

TypedSpan = tuple[int, int, int]
"""Gfns [first, end) and a memory type's value."""

WANTED = 8
"""Value of a pixel of a stripe, to which the memory type's value is added."""
VALUES = WANTED + 8
_STRIPE_PX = 3


def wanted_types(layout: MapLayout, spans: Iterable[TypedSpan]) -> NDArray[np.uint8]:
    """Return the types wanted in each dot, uint8, one bit a type value; 0 where any will do."""
    types = np.zeros(layout.dots, np.uint8)
    start, stop = layout.first_gfn, layout.end_gfn
    shown = [span for span in spans if span[0] < stop and span[1] > start]
    gfns = [(max(first, start), min(end, stop) - 1) for first, end, _ in shown]
    dots = layout.dots_of(np.array(gfns, np.uint64).reshape(-1)).reshape(-1, 2).tolist()
    for (low, high), (_, _, kind) in zip(dots, shown, strict=True):
        types[low : high + 1] |= np.uint8(1 << kind)
    return types


def wanted_image(types: NDArray[np.uint8], pixels: PixelMap) -> NDArray[np.uint8]:
    """Return the image (height, width), uint8: diagonal stripes; two types in turns."""
    rest = types & (types - np.uint8(1))
    one = pixels.picture(_by_role(_lowest(types)))
    first, second = _stripes(*one.shape)
    if not np.any(rest):
        return one * (first | second)
    other = pixels.picture(_by_role(np.where(rest > 0, _lowest(rest), _lowest(types))))
    return one * first | other * second


@lru_cache(maxsize=2)
def _stripes(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return 1 for the pixels of every other stripe, and of the stripes between those, else 0."""
    stripe = np.add.outer(np.arange(height), np.arange(width)) // _STRIPE_PX % 4
    return (stripe == 0).astype(np.uint8), (stripe == 2).astype(np.uint8)


def _lowest(types: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixel value of each dot's lowest type, 0 where there is none."""
    return _VALUES_OF[types]


_VALUES_OF = np.array(
    [WANTED + (mask & -mask).bit_length() - 1 if mask else 0 for mask in range(256)], np.uint8
)


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
