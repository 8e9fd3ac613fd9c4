"""A growing trace, parsed line by line as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.importers.facts import short
from mtrrviz.importers.formats import Context
from mtrrviz.importers.reading import KEPT_UNKNOWN, MAX_UNKNOWN
from mtrrviz.importers.registry import recognise
from mtrrviz.importers.traces.growing_file import GrowingFile
from mtrrviz.importers.traces.trace_columns import Trace
from mtrrviz.importers.traces.trace_lines import TraceParser
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.importers.facts import Facts


class GrowingTrace:
    """Fills :attr:`trace` with what is appended to a file; ScenarioError if it cannot be opened."""

    def __init__(self, path: Path, facts: Facts) -> None:
        self.path = path
        #: All rows so far; whoever follows may forget those it has used.
        self.trace = Trace(str(path))
        #: Where the file is read, and what happens to it.
        self.file = GrowingFile(path)
        #: Id of the format that the first lines looked like, "" before there were any.
        self.format = ""
        #: Lines so far, those of none of a trace's kinds, and the first of these with their places.
        self.lines = 0
        self.unknown_lines = 0
        self.unknown: list[tuple[int, str]] = []
        #: Whether the latest lines came from the start of a file.
        self.has_restarted = False
        self._facts = facts
        self._parser = TraceParser(facts, Context(str(path)), self.trace)
        self._next_line = 1

    def take(self) -> int:
        """Parse the lines that appeared, at most some at once, and return how many those were.

        ScenarioError if a line is impossible, or if it is no trace at all.
        """
        lines = self.file.lines()
        self.has_restarted = self.file.has_restarted()
        if self.has_restarted:
            self._next_line = 1
        if lines and not self.format:
            self.format = _format_of(lines)
        first = self._next_line
        self._next_line += len(lines)
        self.lines += len(lines)
        for index in self._parser.feed(lines, range(first, first + len(lines))):
            self._leave(lines[index], first + index)
        return len(lines)

    def _leave(self, line: str, number: int) -> None:
        """Count a line that is none of a trace."""
        if not line.strip():
            return
        if words := self._parser.noise(line) or ("comments" if line.lstrip()[0] == "#" else ""):
            self._facts.unused[words] += 1
            return
        self.unknown_lines += 1
        if len(self.unknown) < KEPT_UNKNOWN:
            self.unknown.append((number, short(line)))
        if self.unknown_lines > MAX_UNKNOWN and self.unknown_lines > 0.99 * self.lines:
            problem = f"of the first {self.lines} lines {self.unknown_lines} are unknown"
            raise ScenarioError(str(self.path), "", problem, "a trace of KVM's events")

    def rows(self) -> list[int]:
        """Return how many rows each table has."""
        return [len(table) for table in self.trace.tables()]

    def finish(self) -> None:
        """Add the counts of events without use to the facts."""
        self._parser.finish()


def _format_of(lines: list[str]) -> str:
    """Return the id of the trace format that lines look like."""
    found = [one.format for one in recognise(lines) if one.format.parser is TraceParser]
    return found[0].id if found else "ftrace"
