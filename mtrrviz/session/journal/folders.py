"""Where journals lie: a folder for each window, locked as long as the window is there."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mtrrviz.scenario.files.whole_file import remove_leftovers, sync_folder
from mtrrviz.session.file_lock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator

EDITS = "edits"
"""The name of the file of edits."""
_LOCK = "lock"
_PRIVATE = 0o700
_NAME_BYTES = 8
_NAME = re.compile(rf"[0-9a-f]{{{2 * _NAME_BYTES}}}")
_OWN = re.compile(r"edits|events-[0-9]+\.npz|sayings-[0-9]+\.json|work[^/]*\.npz")


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
            path = root / secrets.token_hex(_NAME_BYTES)
            path.mkdir(mode=_PRIVATE)
            lock = locked(path / _LOCK)
            if lock is not None:
                with contextlib.suppress(OSError):  # it only helps those who look
                    os.write(lock, f"{os.getpid()}\n".encode())
                sync_folder(root)
                return cls(path, lock)

    @property
    def edits(self) -> Path:
        """The file of the edits."""
        return self.path / EDITS

    def clear(self, keep: frozenset[str] = frozenset()) -> None:
        """Remove what journals write but what is to be kept; the edits first. Raises OSError.

        Whatever else lies there is somebody else's.
        """
        if EDITS not in keep:
            self.edits.unlink(missing_ok=True)
        with os.scandir(self.path) as entries:
            own = [entry for entry in entries if _OWN.fullmatch(entry.name)]
        for entry in own:
            if entry.name not in keep and not entry.is_dir(follow_symlinks=False):
                Path(entry).unlink(missing_ok=True)
        remove_leftovers(self.path)
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

    Empty ones are removed. What a window did not make is left as it is.
    """
    found: list[tuple[int, JournalFolder]] = []
    for folder in _free_in(root):
        try:
            edits = folder.edits.lstat()
        except FileNotFoundError:
            folder.remove()
        except OSError:
            folder.release()
        else:
            if stat.S_ISREG(edits.st_mode):
                found.append((edits.st_mtime_ns, folder))
            else:  # such as a pipe, whose reading may never end
                folder.release()
    return [folder for _, folder in sorted(found, key=itemgetter(0))]


def _free_in(root: Path) -> Iterator[JournalFolder]:
    """Yield the folders that nobody holds; where one may not be looked at, the others count."""
    try:
        with os.scandir(root) as entries:
            found = [Path(e) for e in entries if _NAME.fullmatch(e.name) and _is_folder(e)]
    except OSError:
        return
    for path in found:
        with contextlib.suppress(OSError):
            lock = locked(path / _LOCK)
            if lock is not None:
                yield JournalFolder(path, lock)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder itself; one that a link leads to is somebody else's."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
