"""Writing a file so that either all of it or the old content is there."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEW_MODE = 0o644


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that either all of it or the old content is there."""
    write_whole_parts(path, (data,))


def write_whole_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Write ``parts`` one after the other to ``path``, all of them or none.

    A link stays one: the file that it leads to is replaced. Who may read and write the file stays
    as it was. Raises OSError.
    """
    target = path.resolve()
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:  # which names the file that nobody asked for
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(_mode(target))
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """Return the permissions that the file has, or those of a new one."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return _NEW_MODE
