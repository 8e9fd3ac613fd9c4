"""Work beside the window: one thread, results handed back on the GUI thread."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    """What became of a piece of work, and who wants to know."""

    finished: Callable[[Any], None]
    failed: Callable[[Exception], None]
    result: Any = None
    error: Exception | None = None

    def deliver(self) -> None:
        """Call back with the result, or with the error."""
        if self.error is None:
            self.finished(self.result)
        else:
            self.failed(self.error)


class Worker(QObject):
    """Runs work in one background thread, in order.

    Called as the document's executor, it reports failures through ``failed``. The thread is
    Python's own: outcomes cross to the GUI thread as a queued signal, nothing else does.
    """

    _done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, "mtrrviz-worker")
        self._under_way = 0
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def __call__(self, work: Callable[[], Any], finished: Callable[[Any], None]) -> None:
        """Do ``work``, then call ``finished`` with its result in the GUI thread."""
        self.run(work, finished, self.failed.emit)

    def run(
        self,
        work: Callable[[], Any],
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do ``work``, then call ``finished`` or ``failed`` in the GUI thread."""
        self._under_way += 1
        self._pool.submit(self._work, work, finished, failed)

    def _work(
        self,
        work: Callable[[], Any],
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        try:
            outcome = _Outcome(finished, failed, work())
        except Exception as error:  # noqa: BLE001 - told to the one who asked
            _LOG.debug("background work failed", exc_info=True)
            outcome = _Outcome(finished, failed, error=error)
        self._done.emit(outcome)

    @Slot(object)
    def _deliver(self, outcome: _Outcome) -> None:
        self._under_way -= 1
        outcome.deliver()

    def finish(self) -> bool:
        """Wait until all work begun so far is done; return whether there was any.

        Its outcomes come with the next events.
        """
        if not self._under_way:
            return False
        self._pool.submit(int).result()
        return True

    def wait(self) -> None:
        """Drop what has not begun and wait for the rest, before the window goes."""
        self._pool.shutdown(cancel_futures=True)
