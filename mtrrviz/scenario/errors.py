"""The one error that a wrong scenario raises, with all that a user needs to mend it."""

from __future__ import annotations

from mtrrviz.core.errors import MtrrvizError


class ScenarioError(MtrrvizError):
    """A scenario or its data cannot be used.

    Says which file, at which place (a line or a path such as ``event[3].value``), what stood
    there and what was expected, so that one message is enough to mend the file.
    """

    def __init__(self, file: str, place: str, problem: str, expected: str = "") -> None:
        self.file = file
        self.place = place
        self.problem = problem
        self.expected = expected
        super().__init__(self._message())

    def _message(self) -> str:
        """Return the one-line message: file, place, problem, expectation."""
        where = f"{self.file}: {self.place}" if self.place else self.file
        tail = f" (expected {self.expected})" if self.expected else ""
        return f"{where}: {self.problem}{tail}"
