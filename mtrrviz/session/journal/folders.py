"""Where journals lie: a folder for each window, locked as long as the window is there."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Self

from mtrrviz.scenario.files.whole_file import sync_folder
from mtrrviz.session.file_lock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK, _EDITS = "lock", "edits"
_PRIVATE = 0o700


class JournalFolder:
    """A folder that this program alone writes, until :meth:`release`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def made_in(cls, root: Path) -> Self:
        """Make a folder of one's own among the others. Raises OSError."""
        root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        while True:
            path = root / secrets.token_hex(8)
            path.mkdir(mode=_PRIVATE)
            lock = locked(path / _LOCK)
            if lock is not None:
                os.write(lock, f"{os.getpid()}\n".encode())
                sync_folder(root)
                return cls(path, lock)

    @property
    def edits(self) -> Path:
        """The file of the edits."""
        return self.path / _EDITS

    def clear(self, keep: frozenset[str] = frozenset()) -> None:
        """Remove all but the lock and what is to be kept; the edits first. Raises OSError."""
        if _EDITS not in keep:
            self.edits.unlink(missing_ok=True)
        for file in self.path.iterdir():
            if file.name not in {_LOCK, *keep}:
                file.unlink(missing_ok=True)
        sync_folder(self.path)

    def remove(self) -> None:
        """Remove the folder with all that is in it, and release it."""
        with contextlib.suppress(OSError):
            self.clear()
            (self.path / _LOCK).unlink()
            self.path.rmdir()
        self.release()

    def release(self) -> None:
        """Leave the folder to the next program that looks for it."""
        with contextlib.suppress(OSError):
            os.close(self._lock)


def left_in(root: Path) -> list[JournalFolder]:
    """Return the folders of windows that are gone without saving, oldest first, and hold them.

    Empty ones are removed.
    """
    found = list(_free_in(root))
    for folder in found:
        if not folder.edits.exists():
            folder.remove()
    return sorted((f for f in found if f.edits.exists()), key=lambda f: f.edits.stat().st_mtime_ns)


def _free_in(root: Path) -> Iterator[JournalFolder]:
    with contextlib.suppress(OSError):
        for path in root.iterdir():
            lock = locked(path / _LOCK) if path.is_dir() else None
            if lock is not None:
                yield JournalFolder(path, lock)
