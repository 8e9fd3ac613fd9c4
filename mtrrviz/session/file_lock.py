"""Files that are locked as long as a program lives: what nobody holds was left by a dead one.

The lock is of the open file, so no number of a process is ever mistaken for that of another.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def locked(path: Path) -> int | None:
    """Return a handle that holds the lock of ``path``, which is made if it is missing.

    None if another holds it or has just removed it. Raises OSError if it cannot be opened, as a
    link, which may lead anywhere.
    """
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_there = os.fstat(lock).st_nlink > 0
    except OSError:
        is_there = False
    if is_there:
        return lock
    os.close(lock)
    return None
