"""Which files windows have open: each holds a locked file beside the settings as long as it lives.

Nothing is ever refused: a window only learns that another one has the same file open.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from mtrrviz.session.file_lock import locked

if TYPE_CHECKING:
    from pathlib import Path

_PRIVATE = 0o700


class OpenFile:
    """Tells other windows, by a file in ``root``, which file this one has open."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._held: tuple[Path, int] | None = None

    def hold(self, path: Path) -> bool:
        """Tell that ``path`` is open here, in place of another; return whether it is elsewhere too.

        Files are the same if links lead to the same name. Where nothing can be told, as beside
        settings that are read-only, nothing is known either. What dead windows left is removed.
        """
        self.release()
        try:
            name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()
            self._root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            while self._held is None:
                own = self._root / f"{name}-{secrets.token_hex(8)}"
                lock = locked(own)
                self._held = None if lock is None else (own, lock)
            others = [file for file in self._root.iterdir() if file != self._held[0]]
            living = [file for file in others if _is_held(file)]
            return any(file.name.startswith(name) for file in living)
        except (OSError, RuntimeError):  # which links in a circle are before Python 3.13
            return False

    def release(self) -> None:
        """Tell that the file is no longer open here."""
        if self._held is not None:
            (path, lock), self._held = self._held, None
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            os.close(lock)


def _is_held(file: Path) -> bool:
    """Whether a window holds a file; one that none holds is removed."""
    lock = locked(file)
    if lock is None:
        return file.exists()
    file.unlink(missing_ok=True)
    os.close(lock)
    return False
