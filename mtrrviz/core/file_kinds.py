"""What a path leads to. Nothing is raised, also where a disk is gone or may not be looked at."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether a path leads to something that can be looked at."""
    return _mode(path) is not None


def is_regular(path: Path) -> bool:
    """Whether a path leads to a file, which is no folder, pipe or device."""
    mode = _mode(path)
    return mode is not None and stat.S_ISREG(mode)


def file_itself(path: Path) -> Path:
    """Return the file that a symbolic link leads to, and what is no link as it is.

    Beside it are the data of a scenario. Where links go round in a circle it is one of them.
    """
    try:
        is_link = path.is_symlink()
    except OSError:
        return path
    return Path(os.path.realpath(path)) if is_link else path


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):  # a path with a NUL in it
        return None
