"""The one error that a wrong scenario raises, with all that a user needs to fix it."""

from __future__ import annotations

import reprlib

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.printable import escaped

_LONGEST_PART = 300
_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxlong = _shortened.maxother = 60


class ScenarioError(MtrrvizError, ValueError, TypeError):
    """A scenario or its data cannot be used.

    Says which file, at which place (a path such as ``event[3].value`` with its line, or a row of a
    data file), what was found and what was expected, so that one message is enough to fix the file.
    The message is always one line of printable characters. ``file`` is "" for values that were
    given in code; ``value`` is the one that is wrong where there is one, else None. Those who call
    from Python may catch it as the ValueError or TypeError that it is.
    """

    def __init__(
        self, file: str, place: str, problem: str, expected: str = "", *, value: object = None
    ) -> None:
        self.file = printable(file, longest=len(file))
        self.place = printable(place)
        self.problem = printable(problem)
        self.expected = printable(expected)
        self.value = value
        super().__init__(self._message())

    def _message(self) -> str:
        """Return the one-line message: file, place, problem, expectation."""
        tail = f" (expected {self.expected})" if self.expected else ""
        return ": ".join(part for part in (self.file, self.place, self.problem) if part) + tail


def printable(text: str, longest: int = _LONGEST_PART) -> str:
    """Return ``text`` without control characters and of bounded length."""
    if len(text) > longest:
        text = text[: longest - 3] + "..."
    return escaped(text)


def shown(value: object) -> str:
    """Return a short form of any value that a file may hold, however large or deep it is."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    return _shortened.repr(value)
