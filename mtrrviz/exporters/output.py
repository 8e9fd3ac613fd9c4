"""Writing what is exported: to a file, whole or not at all, or to standard output."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.files.whole_file import write_whole_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

STANDARD_OUTPUT = "-"


class Stopped(MtrrvizError):
    """The export was stopped on request; nothing is left of it."""


def watched(
    parts: Iterable[str], tell: Callable[[int], None], is_stopped: Callable[[], bool]
) -> Iterator[str]:
    """Yield the parts and report how many there were so far; Stopped once the user asks for it."""
    for number, part in enumerate(parts, 1):
        if is_stopped():
            raise Stopped("The export was stopped; nothing was written.")
        yield part
        tell(number)


def write_parts(parts: Iterable[str], output: str) -> None:
    """Write text piece by piece to a file, or to standard output for "-", as UTF-8.

    A file keeps its old content until the new one is there; what is no regular file (a pipe, a
    device) is written as it comes. Raises OSError.
    """
    if output == STANDARD_OUTPUT:
        sys.stdout.writelines(parts)
        return
    path = Path(output).resolve()
    data = (part.encode("utf-8", "surrogatepass") for part in parts)
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.writelines(data)
        return
    write_whole_parts(_in_folder(path), data)


def _in_folder(path: Path) -> Path:
    """Return the path of a file whose folder exists; OSError that names the folder otherwise."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    return path
