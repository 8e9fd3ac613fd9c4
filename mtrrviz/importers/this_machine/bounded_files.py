"""Files below a root, read with bounds: nothing blocks, nothing outside is opened.

The root is / or a directory that stands in for it. Its files may be links in a circle, pipes that
nobody writes to, or endless; each such file is one :class:`Unreadable`.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mtrrviz.core.units import format_size

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

MAX_TEXT_BYTES = 16 << 20
"""Largest file read; /proc/cpuinfo of a thousand CPUs has 2 MiB."""
MAX_NAMES = 10_000
"""Most entries of a directory that are looked at."""

_NO_BLOCKING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM})
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENXIO, errno.ENODEV})


class Unreadable(Exception):
    """A file that cannot be read: ``reason`` in words, and whether a right or the file is missing.

    It never leaves the package: each source makes a note of it.
    """

    def __init__(self, reason: str, *, lacks_right: bool = False, is_missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lacks_right = lacks_right
        self.is_missing = is_missing


class Tree:
    """The files of a machine. Paths are those of the machine, such as "/proc/mtrr"."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)

    @contextmanager
    def opened(self, path: str) -> Generator[tuple[int, os.stat_result]]:
        """Yield a descriptor to read from and what it is of; Unreadable."""
        with _told():
            descriptor = os.open(self._inside(path), _NO_BLOCKING)
        try:
            yield descriptor, os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def content(self, path: str, most: int = MAX_TEXT_BYTES) -> bytes:
        """Return a whole file; Unreadable also if it is none or has more than ``most`` bytes."""
        with self.opened(path) as (descriptor, status):
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("it is not a regular file")
            with _told():
                return _all_of(descriptor, most)

    def word(self, path: str) -> str:
        """Return the one line of a file of sysfs, which is at most a page; Unreadable."""
        return self.content(path, 4096).decode("ascii", "replace").strip()

    def numbers(self, path: str) -> list[int]:
        """Return the entries of a directory whose names are decimal numbers, sorted; Unreadable."""
        with _told(), os.scandir(self._inside(path)) as entries:
            names = [entry.name for entry, _ in zip(entries, range(MAX_NAMES), strict=False)]
        return sorted(int(name) for name in names if name.isascii() and name.isdecimal())

    def _inside(self, path: str) -> str:
        """Return a file's real path; Unreadable if links lead in a circle or out of the root."""
        # Path.resolve tells of a circle in other ways in each version of Python.
        real = os.path.realpath(self._root.rstrip("/") + path, strict=True)
        if os.path.commonpath((self._root, real)) != self._root:
            raise Unreadable("it is a link that leads out of the root")
        return real


def _all_of(descriptor: int, most: int) -> bytes:
    """Return what a file holds; Unreadable if that is more than ``most`` bytes."""
    pieces: list[bytes] = []
    size = 0
    while piece := os.read(descriptor, 1 << 16):
        size += len(piece)
        if size > most:
            raise Unreadable(f"it has more than {format_size(most)}")
        pieces.append(piece)
    return b"".join(pieces)


@contextmanager
def _told() -> Generator[None]:
    """Turn the system's errors into Unreadable."""
    try:
        yield
    except OSError as error:
        raise Unreadable(
            error.strerror or str(error),
            lacks_right=error.errno in _NO_RIGHT,
            is_missing=error.errno in _MISSING,
        ) from error
