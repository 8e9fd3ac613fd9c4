"""Following: a document that grows with a trace which is still being written.

What comes in is no edit: undo knows nothing of it. So the first edit of the user ends the
following, with a message; the edit and all that came before it are kept.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.wording.words import plural
from mtrrviz.importers.opening import Opened
from mtrrviz.importers.traces.growing_import import GrowingImport
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.importers.imported import Import
    from mtrrviz.importers.opening import OpenRequest
    from mtrrviz.importers.traces.growing_import import Growth
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Touches
    from mtrrviz.session.document import Document

TRACE_FORMATS = frozenset({"ftrace", "trace-cmd", "perf-script"})


def trace_in(request: OpenRequest, imported: Import) -> Path | None:
    """Return the one trace file among the texts of an import, None if there is not just one."""
    formats = {source.name: source.formats[:1] for source in imported.sources}
    found = [
        content
        for name, content in request.texts
        if isinstance(content, Path) and TRACE_FORMATS.intersection(formats.get(name, ()))
    ]
    return found[0] if len(found) == 1 else None


def growing_import(request: OpenRequest, trace: Path) -> GrowingImport:
    """Return the import of a request in which ``trace`` is followed; ScenarioError as importing."""
    if trace.is_dir():
        raise ScenarioError(str(trace), "", "this is a folder", "a trace that is being written")
    others = [(name, content) for name, content in request.texts if content != trace]
    return GrowingImport(trace, others, request.options)


class Following:
    """Lets a document show a trace as it grows, until it is stopped.

    :meth:`poll` may run in any thread, one call at a time; all else belongs to the document's.
    ``opened`` hears of the first machine, ``stopped`` hears why it is over.
    """

    def __init__(
        self,
        document: Document,
        growing: GrowingImport,
        request: OpenRequest,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._document = document
        self._growing = growing
        self._request = request
        self._clock = clock
        self._is_showing = False
        self._is_growing = False
        self._polled_s = clock()
        self.is_active = True
        self.lines = 0
        self.lines_per_s = 0.0
        self.opened: Callable[[Opened], None] = _nothing
        self.stopped: Callable[[str], None] = _nothing
        self._unsubscribe = document.subscribe(self._document_changed)

    @property
    def path(self) -> Path:
        """The trace that is followed."""
        return self._growing.path

    @property
    def words(self) -> str:
        """How it goes, in words for a status bar."""
        if not self._is_showing:
            return f"Waiting for the first event in {self.path.name}"
        events = plural(len(self._document.scenario.events), "event")
        rate = f"{self.lines_per_s:,.0f} lines/s"
        return f"Following {self.path.name}: {rate}, {plural(self.lines, 'line')}, {events}"

    def poll(self) -> Growth:
        """Read what was appended."""
        return self._growing.poll()

    def show(self, growth: Growth) -> None:
        """Let the document grow; does nothing once it is stopped."""
        if not self.is_active:
            return
        self._measure(growth.lines)
        if growth.imported is not None:
            self._is_growing = True
            try:
                self._show(growth.imported)
            finally:
                self._is_growing = False
        if growth.ended:
            self.stop(
                f"{self.path.name}: {growth.ended}. Following stopped; what was read is kept."
            )

    def _measure(self, lines: int) -> None:
        now = self._clock()
        spent_s = max(now - self._polled_s, 1e-3)
        self.lines_per_s = (lines - self.lines) / spent_s
        self._polled_s, self.lines = now, lines

    def _show(self, imported: Import) -> None:
        document = self._document
        if not self._is_showing:
            self._is_showing = True
            document.open(imported.scenario, None, is_saved=False)
            self.opened(Opened(imported.scenario, imported=imported, request=self._request))
            return
        scenario = kept_machine(imported.scenario, document.scenario)
        document.grow(scenario, first_difference_ns(document.scenario, scenario))

    def stop(self, why: str = "") -> None:
        """Follow no longer; does nothing the second time."""
        if not self.is_active:
            return
        self.is_active = False
        self._unsubscribe()
        self._growing.close()
        self.stopped(why or f"{self.path.name} is followed no longer; what came is kept.")

    def _document_changed(self, changes: frozenset[Change]) -> None:
        """Stop when the scenario changes by anyone else's doing."""
        if self._is_growing or Change.SCENARIO not in changes:
            return
        name = self.path.name
        if Change.OPENED in changes:
            self.stop(f"Another scenario was opened: {name} is followed no longer.")
        else:
            self.stop(f"You edited the scenario: {name} is followed no longer. What came is kept.")


def kept_machine(scenario: Scenario, before: Scenario) -> Scenario:
    """Return ``scenario`` with the very machine of ``before`` if they are equal.

    A run of the same machine can be gone on from.
    """
    is_same = scenario.machine == before.machine
    return replace(scenario, machine=before.machine) if is_same else scenario


def first_difference_ns(before: Scenario, after: Scenario) -> int:
    """Return a time before which nothing happens otherwise in two scenarios of one trace."""
    return min(_first_other_event_ns(before, after), _first_other_touch_ns(before, after))


def _first_other_event_ns(before: Scenario, after: Scenario) -> int:
    count = len(before.events)
    if after.events[:count] == before.events:
        return after.events[count].time_ns if len(after.events) > count else after.duration_ns
    pairs = zip(before.events, after.events, strict=False)
    return next((min(a.time_ns, b.time_ns) for a, b in pairs if a != b), 0)


def _first_other_touch_ns(before: Scenario, after: Scenario) -> int:
    """Return the time of the first touch that is new, 0 if older ones are not the same."""
    old, new = before.recorded, after.recorded
    if not _starts_alike(old, new):
        return 0
    return int(new.time_ns[len(old)]) if len(new) > len(old) else after.duration_ns


def _starts_alike(old: Touches, new: Touches) -> bool:
    count = len(old)
    return len(new) >= count and all(
        np.array_equal(getattr(old, name), getattr(new, name)[:count])
        for name in ("time_ns", "gfn", "vcpu", "access")
    )


def _nothing(_heard: object) -> None:
    """Ignore a message."""
