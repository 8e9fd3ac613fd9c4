"""GIF: each frame is the rectangle that changed, in at most 256 colours of its own.

Pillow compresses; its own way to save an animation would keep all frames in memory.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from PIL.GifImagePlugin import getdata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from mtrrviz.exporters.playback.film import Film

_HUNDREDTHS = 100
#: Repeats for ever, as every browser and viewer understands it.
_LOOP = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_END = b";"


def gif_parts(frames: Iterable[NDArray[np.uint8]], film: Film) -> Iterator[bytes]:
    """Yield the bytes of an animated GIF; frames are uint8 (height, width, 3)."""
    before: NDArray[np.uint8] | None = None
    for frame, delay in zip(frames, film.delays(_HUNDREDTHS), strict=True):
        if before is None:
            height, width, _ = frame.shape
            # no palette for all frames, background 0, pixels as wide as high
            yield b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + _LOOP
        left, top, right, bottom = _changed(before, frame)
        part = Image.fromarray(np.ascontiguousarray(frame[top:bottom, left:right]))
        few = part.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        milliseconds = delay * 1000 // _HUNDREDTHS
        yield from getdata(few, (left, top), duration=milliseconds, include_color_table=True)
        before = frame
    yield _END


def _changed(
    before: NDArray[np.uint8] | None, frame: NDArray[np.uint8]
) -> tuple[int, int, int, int]:
    """Return the rectangle (left, top, right, bottom) that differs; one pixel if none does."""
    height, width, _ = frame.shape
    if before is None:
        return 0, 0, width, height
    differs = (before != frame).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return 0, 0, 1, 1
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
