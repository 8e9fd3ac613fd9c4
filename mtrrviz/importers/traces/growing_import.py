"""Importing a trace that is still being written: the machine so far, at every poll.

Lines are parsed once, as they appear; the machine is put together from all of them, so that what
a followed trace gives is what importing the same lines at once gives.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.importers.cancelled import ImportCancelledError
from mtrrviz.importers.facts import Facts
from mtrrviz.importers.import_options import NO_OPTIONS, ImportOptions
from mtrrviz.importers.imported import SourceReport
from mtrrviz.importers.machine.assemble import assemble
from mtrrviz.importers.reading import read_texts
from mtrrviz.importers.traces.growing_trace import GrowingTrace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mtrrviz.importers.imported import Import
    from mtrrviz.importers.reading import FileProgress

MOST_LINES = 100_000
"""Lines taken from a pipe, or later from a file, before the machine is shown again."""

_PATIENCE = 3
"""Polls without a file after which it is gone for good: one that is replaced is missing briefly."""


class Growth(Record):
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
        self._options = options
        self._facts = Facts()
        self._reports = read_texts(self._facts, others)
        self._growing = GrowingTrace(path, self._facts)
        self._latest_ns = 0
        self._is_new_file = False
        self._polls_without_file = 0
        self._ended = ""
        self._polling = Lock()
        self._is_closed = False

    @property
    def path(self) -> Path:
        """The file that is followed."""
        return self._growing.path

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
                    self._growing.file.close()

    def _polled(
        self, progress: FileProgress | None, is_cancelled: Callable[[], bool] | None
    ) -> Growth:
        growing, file = self._growing, self._growing.file
        before, most = growing.rows(), growing.lines + MOST_LINES
        while not (self._ended or self._is_closed) and self._take():
            if is_cancelled is not None and is_cancelled():
                raise ImportCancelledError
            if progress is not None:
                progress(str(growing.path), file.offset, file.size_bytes)
            if growing.lines >= most and (progress is None or not file.size_bytes):
                break
        self._end_if_over()
        is_new = growing.rows() != before
        imported = self._imported() if is_new and not self._facts.is_empty else None
        remarks = tuple(file.take_remarks())
        return Growth(imported, growing.lines, growing.unknown_lines, remarks, self._ended)

    def close(self) -> None:
        """Close the file, at once or when the poll that runs in another thread is over."""
        self._is_closed = True
        if self._polling.acquire(blocking=False):
            self._growing.file.close()
            self._polling.release()

    def _take(self) -> int:
        """Parse lines; those of a file that starts anew are kept only if time goes on."""
        before = self._growing.rows()
        taken = self._growing.take()
        # also where it is empty now, and the lines come with the next poll
        self._is_new_file = self._is_new_file or self._growing.has_restarted
        if not taken:
            return 0
        tables = list(zip(self._growing.trace.tables(), before, strict=True))
        times = [table.times_from(row) for table, row in tables]
        earliest = min((int(part.min()) for part in times if len(part)), default=self._latest_ns)
        if self._is_new_file and earliest < self._latest_ns:
            for table, row in tables:
                table.keep(row)
            self._ended = "it starts anew, with earlier times"
        else:
            self._is_new_file = self._is_new_file and self._growing.rows() == before
            self._latest_ns = max([self._latest_ns, *(int(p.max()) for p in times if len(p))])
        return taken

    def _end_if_over(self) -> None:
        """End if nothing more can be appended."""
        if any(table.dropped for table in self._growing.trace.tables()):
            self._ended = "it is too long to go on"
        self._polls_without_file = self._polls_without_file + 1 if self._growing.file.is_gone else 0
        if self._polls_without_file >= _PATIENCE and not self._ended:
            self._ended = "it was deleted"

    def _imported(self) -> Import:
        growing = self._growing
        growing.finish()
        report = SourceReport(
            str(growing.path),
            growing.lines,
            (growing.format,),
            "followed as it grows",
            growing.unknown_lines,
            tuple(growing.unknown),
        )
        return assemble(self._facts, (report, *self._reports), self._options)
