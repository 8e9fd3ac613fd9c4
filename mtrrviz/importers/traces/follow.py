"""Following a trace that still grows: new events as they are written, by polling.

For `mtrrviz import --follow`, which prints them; the window lets a scenario grow (see
:mod:`mtrrviz.importers.traces.growing_import`).
"""

from __future__ import annotations

from threading import Event as StopFlag
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.importers.facts import Facts
from mtrrviz.importers.traces.growing_trace import GrowingTrace
from mtrrviz.importers.traces.threads import ThreadMap
from mtrrviz.importers.traces.timeline import Judge
from mtrrviz.importers.traces.trace_columns import READ

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mtrrviz.scenario.events import Event

DEFAULT_POLL_S = 0.25


class Arrival(Record):
    """What came in since the last one: events in time order, and sentences for the user.

    Times count from the first event ever seen by this follower. ``unknown_lines`` is the total.
    """

    events: tuple[Event, ...]
    remarks: tuple[str, ...] = ()
    unknown_lines: int = 0


class Follower:
    """Iterates over arrivals until stopped; ScenarioError if ``path`` cannot be opened.

    ``stop`` may be set from another thread. A time that goes back is moved to the latest time
    seen, with a note, since what was shown cannot be reordered.
    """

    def __init__(
        self,
        path: Path,
        maxphyaddr: int = 46,
        poll_s: float = DEFAULT_POLL_S,
        stop: StopFlag | None = None,
    ) -> None:
        self._poll_s = poll_s
        self.stop = stop or StopFlag()
        self._growing = GrowingTrace(path, Facts())
        self._threads = ThreadMap(self._growing.trace)
        self._judge = Judge(maxphyaddr)
        self._start_ns: int | None = None
        self._latest_ns = 0
        self._went_back = 0
        self._told_notes = 0

    def __iter__(self) -> Iterator[Arrival]:
        """Yield an arrival whenever there is something new; wait in between."""
        try:
            while not self.stop.is_set():
                arrival = self.poll()
                if arrival.events or arrival.remarks:
                    yield arrival
                elif self.stop.wait(self._poll_s):
                    return
        finally:
            self._growing.file.close()

    def poll(self) -> Arrival:
        """Read what is there now, without waiting; ScenarioError if it is no trace at all."""
        self._growing.take()
        remarks = self._growing.file.take_remarks()
        events = self._new_events()
        return Arrival(tuple(events), (*remarks, *self._new_notes()), self._growing.unknown_lines)

    def close(self) -> None:
        """Stop and close the file."""
        self.stop.set()
        self._growing.file.close()

    def _new_events(self) -> list[Event]:
        """Return the writes that arrived, and forget the rows they came from."""
        trace = self._growing.trace
        table = trace.accesses
        names = ("time_ns", "thread", "msr", "kind", "line")
        columns = [table.signed_column(name).tolist() for name in names]
        values = table.unsigned_column("value").tolist()
        faults = trace.faults.signed_column("thread").tolist()
        self._threads.update(list(dict.fromkeys([*columns[1], *faults])))
        for each in trace.tables():
            each.clear()
        rows = sorted(zip(*columns, values, strict=True), key=lambda row: row[0])
        found = [self._event(*row) for row in rows if row[3] != READ]
        return [event for event in found if event is not None]

    def _event(
        self, time_ns: int, thread: int, msr: int, kind: int, line: int, value: int
    ) -> Event | None:
        vcpu = self._threads.vcpu(thread)
        if vcpu is None:
            return None
        if self._start_ns is None:
            self._start_ns = time_ns
        relative = time_ns - self._start_ns
        if relative < self._latest_ns:
            self._went_back += 1
        self._latest_ns = max(relative, self._latest_ns)
        return self._judge.event(self._latest_ns, vcpu, msr, kind, value, line)

    def _new_notes(self) -> list[str]:
        """Return what the thread map has to say and whether times went back, each once."""
        notes = [note.text for note in self._threads.notes[self._told_notes :]]
        self._told_notes = len(self._threads.notes)
        if self._went_back:
            notes.append(f"{self._went_back} events came with earlier times than the one before")
            self._went_back = 0
        return notes
