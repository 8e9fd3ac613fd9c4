"""Data files that a save writes: each is named by its content, so that none is ever changed.

A scenario text names the data that belong to it. As the text is renamed into place last, there is
always a text with its own data, whenever the program dies. What no text names any longer is
removed afterwards.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import time
from typing import TYPE_CHECKING

from mtrrviz.scenario.files.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Generator
    from pathlib import Path

_DIGITS = 16
_TRIES, _TRY_S = 100, 0.02
_LONGEST_OWNER = 150
"""Characters of the scenario's file name; a name of a file may have 255 bytes."""
_ENDINGS = r"(?:touches\.npz|observed\.npz|events\.csv\.gz)"
_MOST_READ_BYTES = 64 << 20
"""Texts beside a scenario that are looked through; where there are more, its data are kept."""


def write_own_data(path: Path, ending: str, data: bytes) -> str:
    """Write data of the scenario file ``path`` beside it and return their name. Raises OSError.

    ``ending`` is the kind of data, as "touches.npz". Files that are there stay as they are.
    """
    digest = hashlib.sha256(data).hexdigest()[:_DIGITS]
    for number in range(1, 1000):
        copy = "" if number == 1 else f"-{number}"
        target = path.parent / f"{_owner(path)}{copy}.{digest}.{ending}"
        if not target.exists():
            write_whole(target, data)
            return target.name
        if target.read_bytes() == data:
            return target.name
    raise FileExistsError(f"{path.parent / _owner(path)}.{digest}.{ending} and 998 more exist")


@contextlib.contextmanager
def saving_in(folder: Path) -> Generator[int | None]:
    """Hold the lock that each save has while its data are there and its text is not yet.

    It goes with the program. None where there are no locks (some network file systems), or where
    another program holds one for long, as ``flock`` in a script may.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield handle if _is_shared(handle) else None
    finally:
        os.close(handle)


def _is_shared(handle: int) -> bool:
    """Share the lock of a folder, which another save has for itself for moments only."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_TRY_S)
        except OSError:
            return False
        else:
            return True
    return False


def remove_unused_data(path: Path, before: Collection[str], lock: int | None) -> None:
    """Remove data of the scenario file ``path`` that no text in its folder names any longer.

    ``before`` are the names that its text had until now; others are left by a save that died, and
    go unless another save is under way in the folder: ``lock`` is that of :func:`saving_in`. What
    is not as it was written is somebody else's and stays.
    """
    with contextlib.suppress(OSError):
        is_alone = lock is not None and _is_only_one(lock)
        own = [file for file in path.parent.iterdir() if _is_own(file.name, path)]
        found = [file for file in own if is_alone or file.name in before]
        for file in _not_named(found, path.parent):
            if _is_as_written(file):
                file.unlink()


def _is_only_one(lock: int) -> bool:
    """Whether no other save is under way; none begins as long as this one is."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _owner(path: Path) -> str:
    """Return what the names of a file's data begin with: all of its own name that can be kept."""
    name = path.name.removesuffix(".toml")[:_LONGEST_OWNER]
    return "".join(char if char.isprintable() and char.isascii() else "_" for char in name)


def _is_own(name: str, path: Path) -> bool:
    pattern = rf"{re.escape(_owner(path))}(?:-\d+)?\.[0-9a-f]{{{_DIGITS}}}\.{_ENDINGS}"
    return re.fullmatch(pattern, name) is not None


def _not_named(data: list[Path], folder: Path) -> list[Path]:
    """Return the data files that no scenario or lesson in the folder may refer to."""
    left, read_bytes = data, 0
    for text in folder.iterdir() if data else ():
        if text.suffix not in {".toml", ".md"} or not text.is_file():  # such as a pipe
            continue
        read_bytes += text.stat().st_size
        if read_bytes > _MOST_READ_BYTES:
            return []
        try:
            content = text.read_bytes()
        except OSError:
            return []
        left = [file for file in left if file.name.encode() not in content]
    return left


def _is_as_written(file: Path) -> bool:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:_DIGITS]
    return f".{digest}." in file.name
