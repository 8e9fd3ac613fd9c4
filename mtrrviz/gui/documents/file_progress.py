"""Long work with files: progress that appears when it takes long, and a way to stop."""

from __future__ import annotations

from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget
from shiboken6 import isValid

from mtrrviz.gui.common.plain_text import Label
from mtrrviz.importers import ImportCancelledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.shell.aside import Aside
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.importers.reading import FileProgress

    Read = Callable[[FileProgress, Callable[[], bool]], Any]

_PATIENCE_MS = 500
"""How long reading may take before progress is shown."""
_STEPS = 1000


class Reading(QObject):
    """One piece of reading, or other work that ``verb`` names, in the background thread.

    ``read`` gets a callback for progress and one that says whether to stop; ``finished`` or
    ``failed`` hears of the outcome in the GUI thread. Cancel ends it at once, even where a pipe
    keeps the thread waiting, and what is read all the same counts for nothing. What was written is
    there, so ``is_undone_by_cancel`` is False for it: that ends when the work does.
    """

    _progressed = Signal(str, int)

    def __init__(
        self, window: QWidget, verb: str = "Reading", *, is_undone_by_cancel: bool = True
    ) -> None:
        super().__init__(window)
        self._verb = verb
        self._is_undone_by_cancel = is_undone_by_cancel
        self._told: tuple[str, int] | None = None
        self._is_over = False
        self._stop = Flag()
        self._dialog = QProgressDialog(f"{verb}...", "Cancel", 0, _STEPS, window)
        self._dialog.setLabel(Label(f"{verb}..."))
        self._dialog.setWindowTitle("mtrrviz")
        self._dialog.setMinimumDuration(_PATIENCE_MS)
        self._dialog.setAutoReset(False)
        self._dialog.canceled.connect(self._stop.set)
        self._progressed.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        worker: Worker | Aside,
        read: Read,
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Begin to read."""
        if self._is_undone_by_cancel:
            self._dialog.canceled.connect(lambda: self._end(lambda: failed(ImportCancelledError())))
        worker.run(
            lambda: read(self._tell, self._stop.is_set),
            lambda result: self._end(lambda: self._hand_over(result, finished, failed)),
            lambda error: self._end(lambda: failed(error)),
        )

    def _hand_over(
        self,
        result: Any,
        finished: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Hand the result over, unless the user cancelled when all had just been read."""
        if self._is_undone_by_cancel and self._dialog.wasCanceled():
            failed(ImportCancelledError())
        else:
            finished(result)

    def stop(self) -> None:
        """Ask the work to stop, as Cancel does."""
        self._stop.set()

    def _tell(self, name: str, done: int, total: int) -> None:
        """Hand progress to the GUI thread; called in the other one."""
        now = (Path(name).name, done * _STEPS // total if total else 0)
        if now != self._told:  # thousands of equal signals would keep the GUI thread busy
            self._told = now
            self._progressed.emit(*now)

    def _show(self, name: str, step: int) -> None:
        if not self._stop.is_set():
            self._dialog.setLabelText(f"{self._verb} {name}")
            # The last step would end the dialog's patience: assembling still takes a while.
            self._dialog.setValue(min(step, _STEPS - 1))

    def _end(self, then: Callable[[], None]) -> None:
        if self._is_over:  # the outcome of what was cancelled
            return
        if not isValid(self._dialog):  # the window went meanwhile: nobody is there to hear of it
            return
        self._is_over = True
        self._stop.set()
        self._dialog.deleteLater()
        self.deleteLater()
        then()
