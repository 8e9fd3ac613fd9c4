"""Where inputs come from, and directories that they are written to, gone when the process ends."""

from __future__ import annotations

import atexit
import contextlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

CORPUS = Path(__file__).parent / "corpus"
"""A directory for each target, of small inputs."""

FILE_MARK = b"\n%%%% next file\n"
"""Stands between the files of an input that is several."""


@contextlib.contextmanager
def scratch() -> Generator[Path]:
    """Yield an empty directory, each time the same one."""
    directory = directory_for("one input")
    try:
        yield directory
    finally:
        for path in directory.iterdir():
            path.unlink()


_KEPT = contextlib.ExitStack()
"""The directories of this process, until it ends."""

atexit.register(_KEPT.close)


@cache
def directory_for(use: str) -> Path:
    """Return the directory that this process has for a use, in memory where the system can."""
    del use
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = tempfile.TemporaryDirectory(prefix="mtrrviz-fuzz-", dir=where)
    return Path(_KEPT.enter_context(made))
