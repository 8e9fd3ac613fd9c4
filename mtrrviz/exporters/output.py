"""Writing what is exported: to a file, whole or not at all, or to standard output."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.printable import escaped
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
    device) is written as it comes. A terminal gets no character that could steer it, though names
    in a scenario may have them. Raises OSError.
    """
    if output == STANDARD_OUTPUT:
        is_terminal = sys.stdout.isatty()
        sys.stdout.writelines(for_terminal(part) if is_terminal else part for part in parts)
        return
    data = (part.encode("utf-8", "surrogatepass") for part in parts)
    write_whole_parts(in_folder(Path(output)), data)


def for_terminal(part: str) -> str:
    """Return a part of a text with escapes for all that a terminal would not print."""
    return escaped(part, keep="\n\t")


def in_folder(path: Path) -> Path:
    """Return the path of a file whose folder exists; OSError that names the folder otherwise."""
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    return path
