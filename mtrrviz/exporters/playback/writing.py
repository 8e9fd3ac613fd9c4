"""Writing a film frame by frame, whole or not at all; no more than a few frames are in memory."""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.playback.film import MOST_BYTES
from mtrrviz.exporters.playback.forms import FilmForm
from mtrrviz.exporters.playback.gif import gif_parts
from mtrrviz.exporters.playback.video import write_video
from mtrrviz.exporters.playback.webp import webp_parts
from mtrrviz.scenario.files.whole_file import folder_beside, sync_folder, write_whole_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.exporters.playback.film import Film

Picture = NDArray[np.uint8]
"""A frame: red, green and blue of each pixel, (height, width, 3)."""

_COPIED_BYTES = 1 << 20


def write_film(frames: Iterable[Picture], film: Film, form: FilmForm, path: Path) -> None:
    """Write the frames of a film, which all have one size and as many as ``film`` says.

    If anything is raised, also by ``frames``, nothing new is left. MtrrvizError if it becomes
    larger than :data:`MOST_BYTES`; OSError.
    """
    match form:
        case FilmForm.GIF:
            write_whole_parts(path, _bounded(gif_parts(frames, film)))
        case FilmForm.WEBP:
            write_whole_parts(path, _bounded(webp_parts(frames, film)))
        case FilmForm.MP4:
            with folder_beside(path) as beside:
                video = beside / "film.mp4"
                write_video(frames, film, video)
                _require_bound(video.stat().st_size)
                with video.open("rb") as stream:
                    write_whole_parts(path, iter(partial(stream.read, _COPIED_BYTES), b""))
        case FilmForm.PNG:
            _write_pictures(frames, film, path)


def _write_pictures(frames: Iterable[Picture], film: Film, path: Path) -> None:
    """Write numbered pictures into a folder that is there once it is complete."""
    digits, written = len(str(film.frames)), 0
    with folder_beside(path) as folder:
        for number, frame in enumerate(frames, 1):
            picture = folder / f"frame-{number:0{digits}d}.png"
            _save(frame, picture, path)
            written += picture.stat().st_size
            _require_bound(written)
        place = Path(os.path.realpath(path))
        folder.replace(place)
        sync_folder(place)
        sync_folder(place.parent)


def _save(frame: Picture, picture: Path, film: Path) -> None:
    """Write a frame; OSError that names the film, not the folder that is not there yet."""
    try:
        with picture.open("wb") as stream:
            Image.fromarray(frame).save(stream, "PNG")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        words = error.strerror or str(error)
        raise OSError(error.errno or errno.EIO, words, str(film)) from error


def _bounded(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts as long as they are not too much together."""
    written = 0
    for part in parts:
        written += len(part)
        _require_bound(written)
        yield part


def _require_bound(size_bytes: int) -> None:
    if size_bytes > MOST_BYTES:
        raise MtrrvizError(
            f"the film is larger than {MOST_BYTES >> 20} MiB, nothing was written:"
            " choose fewer or smaller frames"
        )
