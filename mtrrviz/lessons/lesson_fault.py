"""What is wrong with a lesson: every fault with its line, all of them in one error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.scenario.scenario_error import printable

if TYPE_CHECKING:
    from collections.abc import Sequence


class LessonFault(Record, order=True):
    """One mistake in a lesson's file; ``line`` counts from 1, 0 is the file as a whole."""

    line: int
    problem: str
    expected: str = ""

    @property
    def words(self) -> str:
        """The problem and what was expected, in one line of printable characters."""
        tail = f" (expected {printable(self.expected, longest=1000)})" if self.expected else ""
        return f"{printable(self.problem)}{tail}"


class LessonError(MtrrvizError):
    """A lesson cannot be used; ``faults`` are all that is wrong, by line.

    The message is the first one, with the number of others.
    """

    def __init__(self, file: str, faults: Sequence[LessonFault]) -> None:
        self.file = file
        self.faults = tuple(sorted(faults))
        others = len(self.faults) - 1
        more = f" (and {others} more)" if others > 0 else ""
        super().__init__(f"{self.lines[0]}{more}")

    @property
    def lines(self) -> tuple[str, ...]:
        """Each fault as "file:line: problem (expected ...)"."""
        name = printable(self.file, longest=len(self.file))
        return tuple(
            f"{name}:{fault.line}: {fault.words}" if fault.line else f"{name}: {fault.words}"
            for fault in self.faults
        )
