"""What is said beside the results: lines on stderr, so that stdout holds the results alone.

Nobody may be there to hear it: a stderr that is closed, full or broken changes no exit code.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO

from mtrrviz.cli.terminal.colour import alarming, is_coloured
from mtrrviz.core.wording.printable import escaped

_WHO = "mtrrviz:"
_START_OF_LINE = "\r\x1b[K"
"""Goes back to the start of a terminal's line and clears it."""


def say(text: str) -> None:
    """Print one line on stderr that begins with the program's name.

    Names of files and text from them may be in it: what could steer the terminal is escaped.
    """
    say_plainly(f"{_WHO} {text}")


def complain(text: str) -> None:
    """Print one line on stderr as :func:`say` does, as an error that ends the program."""
    who = alarming(_WHO) if is_coloured(sys.stderr) else _WHO
    tell(f"{who} {escaped(text)}\n")


def say_plainly(text: str) -> None:
    """Print one line on stderr as :func:`say` does, without the program's name."""
    tell(f"{escaped(text)}\n")


def is_watched() -> bool:
    """Whether stderr is a terminal, so that somebody may follow progress there."""
    stream: TextIO | None = sys.stderr
    return stream is not None and not stream.closed and stream.isatty()


def say_over(text: str) -> None:
    """Write over the last line of the terminal; nothing where nobody watches."""
    if is_watched():
        tell(f"{_START_OF_LINE}{escaped(text)}")


def tell(text: str) -> None:
    """Write text of our own on stderr as it is, if stderr takes it."""
    stream: TextIO | None = sys.stderr
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):  # full, broken; closed
        stream.write(text)
        stream.flush()
