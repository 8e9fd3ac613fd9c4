"""Reading that may never end, as of a pipe that nobody writes: a thread for each, left behind."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable


class Aside(QObject):
    """Does each piece of work in a thread of its own, which neither other work nor the end awaits.

    What is done crosses to the GUI thread as a queued signal, as with
    :class:`mtrrviz.gui.shell.worker.Worker`.
    """

    _done = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: list[Thread] = []
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Any],
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do ``work``, then call ``finished`` or ``failed`` in the GUI thread."""
        outcome: Future[Any] = Future()

        def do() -> None:
            try:
                outcome.set_result(work())
            except Exception as error:  # noqa: BLE001 - for the one who asked to judge
                outcome.set_exception(error)
            self._tell(outcome, finished, failed)

        thread = Thread(target=do, name="mtrrviz-aside", daemon=True)
        self._threads = [*(other for other in self._threads if other.is_alive()), thread]
        thread.start()

    def finish(self, longest_s: float | None = None) -> bool:
        """Wait for the work under way; return whether there was any.

        Its outcomes come with the next events.
        """
        threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(longest_s)
        return bool(threads)

    def _tell(self, *outcome: object) -> None:
        """Hand an outcome over, unless the window is gone."""
        try:
            self._done.emit(*outcome)
        except RuntimeError:  # the C++ part of this object was deleted
            return

    @Slot(object, object, object)
    def _deliver(
        self,
        outcome: Future[Any],
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        error = outcome.exception()
        if isinstance(error, Exception):
            failed(error)
        else:
            finished(outcome.result())
