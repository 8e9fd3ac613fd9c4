"""A sweep in the background: a thread that waits for a process on each CPU."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from mtrrviz.analysis.sweep import sweep
from mtrrviz.gui.shell.worker import Worker

if TYPE_CHECKING:
    from mtrrviz.analysis.sweep import SweepRow
    from mtrrviz.session.forms.sweep_request import SweepRequest


class SweepJob(QObject):
    """At most one sweep at a time, in a thread of its own so that no run has to wait for it.

    ``progressed`` carries points done and points in all, ``finished`` the rows, fewer than asked
    for if it was cancelled, ``failed`` the exception.
    """

    progressed = Signal(int, int)
    finished = Signal(object)
    failed = Signal(object)
    _told = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(self)
        self._cancelled = Event()
        self._running = False
        self._told.connect(self.progressed, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether a sweep is under way."""
        return self._running

    @property
    def is_cancelled(self) -> bool:
        """Whether the sweep under way, or else the last one, was told to end early."""
        return self._cancelled.is_set()

    def start(self, request: SweepRequest) -> None:
        """Begin, unless one is under way."""
        if self._running:
            return
        self._running = True
        self._cancelled.clear()
        self._worker.run(lambda: self._work(request), self._finish, self._fail)

    def _work(self, request: SweepRequest) -> list[SweepRow]:
        return sweep(
            request.firmware,
            request.vcpus,
            request.memory_gib,
            request.policies,
            self._told.emit,
            self._cancelled.is_set,
            costs=request.costs,
        )

    def cancel(self) -> None:
        """End the sweep with the points that are done."""
        self._cancelled.set()

    def stop(self) -> None:
        """Cancel and wait, before the window goes."""
        self.cancel()
        self._worker.wait()

    def _finish(self, rows: list[SweepRow]) -> None:
        self._running = False
        self.finished.emit(rows)

    def _fail(self, error: Exception) -> None:
        self._running = False
        self.failed.emit(error)
