"""Importing a trace that still grows: the machine so far, again and again.

Lines are parsed once, as they appear; the machine is put together from all of them, so that what
a followed trace gives is what importing the same lines at once gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from mtrrviz.importers.facts import Facts, short
from mtrrviz.importers.formats import Context
from mtrrviz.importers.imported import ImportOptions, SourceReport
from mtrrviz.importers.machine.assemble import assemble
from mtrrviz.importers.reading import KEPT_UNKNOWN, MAX_UNKNOWN, NO_OPTIONS, read_texts
from mtrrviz.importers.registry import recognise
from mtrrviz.importers.text import ImportCancelledError
from mtrrviz.importers.traces.growing_file import GrowingFile
from mtrrviz.importers.traces.trace_columns import Trace
from mtrrviz.importers.traces.trace_lines import TraceFormat, TraceParser
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mtrrviz.importers.imported import Import
    from mtrrviz.importers.reading import FileProgress

MOST_LINES = 100_000
"""Lines taken from a pipe, or later from a file, before the machine is shown again."""

_PATIENCE = 3
"""Polls without a file after which it is gone for good: one that is replaced is missing briefly."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What has become of a followed trace.

    ``imported`` is the whole machine so far, None if nothing new says anything about it. ``lines``
    and ``unknown_lines`` are totals. ``ended`` says why nothing more will come, "" if more may.
    """

    imported: Import | None
    lines: int
    unknown_lines: int
    remarks: tuple[str, ...] = ()
    ended: str = ""


class GrowingImport:
    """A machine made of a trace that grows and of ``others``, texts that do not.

    Memory is bounded as that of any import: a trace that outgrows it is followed no longer.
    ScenarioError if the trace cannot be opened or another text cannot be read.
    """

    def __init__(
        self,
        path: Path,
        others: Sequence[tuple[str, bytes | Path]] = (),
        options: ImportOptions = NO_OPTIONS,
    ) -> None:
        self._path = path
        self._options = options
        self._facts = Facts()
        self._reports = read_texts(self._facts, others)
        self._input = GrowingFile(path)
        self._trace = Trace(str(path))
        self._parser = TraceParser(self._facts, Context(str(path)), self._trace)
        self._format = ""
        self._lines = 0
        self._line = 1
        self._unknown = 0
        self._shown_unknown: list[tuple[int, str]] = []
        self._latest_ns = 0
        self._is_new_file = False
        self._polls_without_file = 0
        self._ended = ""
        self._polling = Lock()
        self._is_closed = False

    @property
    def path(self) -> Path:
        """The file that is followed."""
        return self._path

    def poll(
        self,
        progress: FileProgress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> Growth:
        """Read what is there now, without waiting; with ``progress`` all of a file.

        ScenarioError if it is no trace at all; ImportCancelledError if ``is_cancelled`` said so.
        """
        with self._polling:
            try:
                return self._polled(progress, is_cancelled)
            finally:
                if self._is_closed:
                    self._input.close()

    def _polled(
        self, progress: FileProgress | None, is_cancelled: Callable[[], bool] | None
    ) -> Growth:
        before, remarks = self._rows(), list[str]()
        most = self._lines + MOST_LINES
        while not (self._ended or self._is_closed) and (lines := self._input.lines()):
            if is_cancelled is not None and is_cancelled():
                raise ImportCancelledError
            remarks += self._input.take_remarks()
            self._take(lines)
            if progress is not None:
                progress(str(self._path), self._input.offset, self._input.size_bytes)
            if self._lines >= most and (progress is None or not self._input.size_bytes):
                break
        remarks += self._input.take_remarks()
        self._end_if_over()
        is_new = self._rows() != before
        imported = self._imported() if is_new and not self._facts.is_empty else None
        return Growth(imported, self._lines, self._unknown, tuple(remarks), self._ended)

    def close(self) -> None:
        """Close the file, at once or when the poll that runs in another thread is over."""
        self._is_closed = True
        if self._polling.acquire(blocking=False):
            self._input.close()
            self._polling.release()

    def _rows(self) -> list[int]:
        return [len(table) for table in self._trace.tables()]

    def _take(self, lines: list[str]) -> None:
        """Parse lines; those of a file that starts anew are taken only if time goes on."""
        before = self._rows()
        if self._input.has_restarted():
            self._line, self._is_new_file = 1, True
        if not self._format:
            self._format = _format_of(lines)
        for index in self._parser.feed(lines, range(self._line, self._line + len(lines))):
            self._leave(lines[index], self._line + index)
        tables = list(zip(self._trace.tables(), before, strict=True))
        times = [table.times_from(row) for table, row in tables]
        earliest = min((int(part.min()) for part in times if len(part)), default=self._latest_ns)
        if self._is_new_file and earliest < self._latest_ns:
            for table, row in tables:
                table.keep(row)
            self._ended = "it starts anew, with earlier times"
            return
        self._is_new_file = self._is_new_file and self._rows() == before
        self._latest_ns = max([self._latest_ns, *(int(p.max()) for p in times if len(p))])
        self._line += len(lines)
        self._lines += len(lines)

    def _leave(self, line: str, number: int) -> None:
        """Count a line that is none of a trace."""
        if not line.strip():
            return
        if words := self._parser.noise(line) or ("comments" if line.lstrip()[0] == "#" else ""):
            self._facts.unused[words] += 1
            return
        self._unknown += 1
        if len(self._shown_unknown) < KEPT_UNKNOWN:
            self._shown_unknown.append((number, short(line)))
        if self._unknown > MAX_UNKNOWN and self._unknown > 0.99 * self._lines:
            problem = f"of the first {self._lines} lines {self._unknown} are unknown"
            raise ScenarioError(str(self._path), "", problem, "a trace of KVM's events")

    def _end_if_over(self) -> None:
        """Notice that nothing more can come."""
        if any(table.dropped for table in self._trace.tables()):
            self._ended = "it is too long to go on"
        self._polls_without_file = self._polls_without_file + 1 if self._input.is_gone else 0
        if self._polls_without_file >= _PATIENCE and not self._ended:
            self._ended = "it was deleted"

    def _imported(self) -> Import:
        self._parser.finish()
        report = SourceReport(
            str(self._path),
            self._lines,
            (self._format,),
            "followed as it grows",
            self._unknown,
            tuple(self._shown_unknown),
        )
        return assemble(self._facts, (report, *self._reports), self._options)


def _format_of(lines: list[str]) -> str:
    """Return the id of the trace format that lines look like."""
    found = [one.format for one in recognise(lines) if isinstance(one.format, TraceFormat)]
    return found[0].id if found else "ftrace"
