"""What commands print about an input, word for word, and their exit codes."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING

from mtrrviz.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Beyond these digits systems differ in how they round.
_LONG_NUMBER = re.compile(r"\d+\.\d{9,}(?:e[-+]\d+)?")


def told_by(lines: Iterable[Sequence[str]]) -> str:
    """Return command lines with all that they print; paths are as they were given."""
    return "".join(map(_told, lines))


def _told(arguments: Sequence[str]) -> str:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(arguments))
    said = _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.9g}", out.getvalue())
    return f"$ mtrrviz {' '.join(arguments)}\n{said}{err.getvalue()}[{code}]\n\n"
