"""WebP: an animation without loss, compressed frame by frame."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.exporters.playback.film import Film

#: Quick to compress, and small all the same: most of a frame is as in the one before.
_EFFORT = {"quality": 20, "method": 1}


class _Reel(Image.Image):
    """An image of many frames that takes each from an iterator when Pillow goes on to it."""

    def __init__(self, frames: Iterator[NDArray[np.uint8]], count: int) -> None:
        super().__init__()
        self._frames = frames
        self._at = -1
        self.n_frames = count
        self.seek(0)
        self._mode, self._size = self._shown.mode, self._shown.size

    def seek(self, frame: int) -> None:
        """Show a frame, which is the present or the next one; there is no way back."""
        if frame == self._at + 1:
            self._shown = Image.fromarray(next(self._frames))
            self.im = self._shown.im
            self._at = frame

    def tell(self) -> int:
        """Return the number of the frame that is shown."""
        return self._at


def webp_parts(frames: Iterable[NDArray[np.uint8]], film: Film) -> Iterator[bytes]:
    """Yield the bytes of an animated WebP that repeats; frames are uint8 (height, width, 3)."""
    reel, whole = _Reel(iter(frames), film.frames), BytesIO()
    delays_ms = list(film.delays(1000))
    reel.save(whole, "WEBP", save_all=True, duration=delays_ms, loop=0, lossless=True, **_EFFORT)
    yield whole.getvalue()
