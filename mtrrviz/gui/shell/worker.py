"""Work beside the window: one thread, results handed back on the GUI thread."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from mtrrviz.gui.common.pacing import one_shot

if TYPE_CHECKING:
    from collections.abc import Callable

    _Piece = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]]

_LOG = logging.getLogger(__name__)


def _raise(error: Exception) -> None:
    """Hand an error of the background thread to the usual report."""
    raise error


class Worker(QObject):
    """Runs work in one background thread, in order.

    The thread is Python's own: what is done crosses to the GUI thread as a queued signal, nothing
    else does. With ``pauses`` the window may show each result before the next work begins: two
    threads that both run Python are slower than one after the other. Without, as for what must be
    written though the window's thread be busy, it begins at once.
    """

    _done = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None, *, pauses: bool = False) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, "mtrrviz-worker")
        self._under_way = 0
        self._pauses = pauses
        self._waiting: deque[_Piece] = deque()
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._next = one_shot(self, 0, self._begin_next)

    def run(
        self,
        work: Callable[[], Any],
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None] = _raise,
    ) -> None:
        """Do ``work``, then call ``finished`` or ``failed`` in the GUI thread.

        Without ``failed`` an error is raised there, as one of the program.
        """
        self._waiting.append((work, finished, failed))
        is_busy = self._under_way > 0 or self._next.isActive()
        if not (self._pauses and is_busy):
            self._begin_next()

    def _begin_next(self) -> None:
        if self._waiting:
            work, finished, failed = self._waiting.popleft()
            self._under_way += 1
            done = self._pool.submit(work)
            done.add_done_callback(lambda done: self._done.emit(done, finished, failed))

    @Slot(object, object, object)
    def _deliver(
        self,
        done: Future[Any],
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._under_way -= 1
        self._next.start()
        try:
            result = done.result()
        except CancelledError:  # dropped by wait()
            return
        except Exception as error:  # noqa: BLE001 - for the one who asked to judge
            _LOG.debug("background work failed", exc_info=True)
            failed(error)
        else:
            finished(result)

    def finish(self) -> bool:
        """Wait until all work begun so far is done; return whether there was any.

        Its outcomes come with the next events.
        """
        self._next.stop()
        while self._waiting:
            self._begin_next()
        if not self._under_way:
            return False
        self._pool.submit(int).result()
        return True

    def wait(self) -> None:
        """Drop what has not begun and wait for the rest, before the window goes."""
        self._next.stop()
        self._waiting.clear()
        self._pool.shutdown(cancel_futures=True)
