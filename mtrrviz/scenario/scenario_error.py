"""The one error that a wrong scenario raises, with all that a user needs to fix it."""

from __future__ import annotations

import reprlib

from mtrrviz.core.errors import MtrrvizError

_LONGEST_PART = 300
_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxlong = _shortened.maxother = 60


class ScenarioError(MtrrvizError):
    """A scenario or its data cannot be used.

    Says which file, at which place (a path such as ``event[3].value`` with its line, or a row of a
    data file), what was found and what was expected, so that one message is enough to fix the file.
    The message is always one line of printable characters.
    """

    def __init__(self, file: str, place: str, problem: str, expected: str = "") -> None:
        self.file = printable(file, longest=len(file))
        self.place = printable(place)
        self.problem = printable(problem)
        self.expected = printable(expected)
        super().__init__(self._message())

    def _message(self) -> str:
        """Return the one-line message: file, place, problem, expectation."""
        where = f"{self.file}: {self.place}" if self.place else self.file
        tail = f" (expected {self.expected})" if self.expected else ""
        return f"{where}: {self.problem}{tail}"


def printable(text: str, longest: int = _LONGEST_PART) -> str:
    """Return ``text`` without control characters and of bounded length."""
    if len(text) > longest:
        text = text[: longest - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: object) -> str:
    """Return a short form of any value that a file may hold, however large or deep it is."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    return _shortened.repr(value)
