"""MP4: ffmpeg takes the frames as they come."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.playback.forms import ffmpeg

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.exporters.playback.film import Film

#: H.264 halves the resolution of colours, so both sides must be even.
_EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2"


def write_video(frames: Iterable[NDArray[np.uint8]], film: Film, path: Path) -> None:
    """Write frames, uint8 (height, width, 3), to an MP4 file; MtrrvizError if ffmpeg cannot."""
    found = iter(frames)
    first = next(found)
    with TemporaryFile() as told:
        command = _command(film.fps, first.shape[1], first.shape[0], path)
        with subprocess.Popen(  # noqa: S603 - a list, without a shell
            command, stdin=subprocess.PIPE, stderr=told
        ) as process:
            try:
                _feed(process, first, found)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise MtrrvizError(f"ffmpeg failed: {_last_line(told)}")


def _feed(
    process: subprocess.Popen[bytes],
    first: NDArray[np.uint8],
    rest: Iterable[NDArray[np.uint8]],
) -> None:
    """Hand over all frames; what ffmpeg has against them, its end tells."""
    if process.stdin is None:
        return
    try:
        process.stdin.write(first.tobytes())
        for frame in rest:
            process.stdin.write(frame.tobytes())
        process.stdin.close()
    except BrokenPipeError:
        with suppress(BrokenPipeError):  # what was not yet handed over
            process.stdin.close()


def _command(fps: int, width: int, height: int, path: Path) -> list[str]:
    frames = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}"]
    video = ["-c:v", "libx264", "-vf", _EVEN, "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    same = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"]
    quiet = ["-hide_banner", "-loglevel", "error", "-y"]
    rate = ["-framerate", str(fps), "-i", "-"]
    return [ffmpeg(), *quiet, *frames, *rate, *video, *same, str(path)]


def _last_line(told: IO[bytes]) -> str:
    told.seek(0)
    lines = told.read().decode("utf-8", "replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else "it does not say why"
