"""Opening a file for reading without waiting for ever where it is a named pipe.

Whoever opens a pipe for reading waits until another program opens it for writing, and nothing can
end that wait. Here it is opened at once; a pipe that nobody opens for writing is given up, and
waiting for a slow writer can be cancelled.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
from typing import TYPE_CHECKING, BinaryIO, cast

from mtrrviz.importers.cancelled import ImportCancelledError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from _typeshed import WriteableBuffer

PATIENCE_MS = 1000
"""Time in which somebody must have opened the pipe for writing."""

_TURN_MS = 50


def open_patiently(path: Path, is_cancelled: Callable[[], bool] | None = None) -> BinaryIO:
    """Return a stream of the bytes of a file or pipe; OSError if it cannot be opened.

    Reading the stream of a pipe raises OSError if nobody opens it for writing, and
    ImportCancelledError if ``is_cancelled`` says so while nothing comes.
    """
    if stat.S_ISFIFO(path.stat().st_mode):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        return io.BufferedReader(cast("io.RawIOBase", _Pipe(descriptor, is_cancelled)))
    return path.open("rb")


class _Pipe(io.RawIOBase):
    """The reading end of a pipe that was opened without blocking."""

    def __init__(self, descriptor: int, is_cancelled: Callable[[], bool] | None) -> None:
        self._descriptor = descriptor
        self._is_cancelled = is_cancelled
        self._left_ms = PATIENCE_MS

    def readable(self) -> bool:
        """Return that this is an end to read from."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read what there is into a buffer, wait if there is nothing; 0 once all was written."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        while True:
            is_ready = bool(poll.poll(_TURN_MS))
            if self._is_cancelled is not None and self._is_cancelled():
                raise ImportCancelledError
            try:
                count = os.readv(self._descriptor, [buffer])
            except BlockingIOError:
                continue  # somebody has it open and has not written yet
            if count or is_ready:
                return count
            # Neither data nor the end of a writer: there was none yet.
            self._left_ms -= _TURN_MS
            if self._left_ms <= 0:
                # Not EPIPE, which is what a reader that has seen enough leaves to a writer.
                raise OSError(errno.ENXIO, "this is a pipe, and nothing writes into it")

    def close(self) -> None:
        """Close the pipe."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()
