"""Following a trace in the window: polls beside the GUI, tells how it goes, and can be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.plain_text import Label

if TYPE_CHECKING:
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.importers.traces.growing_import import Growth
    from mtrrviz.session.document import Document
    from mtrrviz.session.exchange.following import Following

#: Shortest time between two looks at the file.
_POLL_MS = 500
#: At most one part in so many of the time goes into looking.
_REST_SHARE = 4


class FollowBar(QWidget):
    """What stands in the status bar while a trace is followed.

    ``told`` carries words on how it began and why it ended, ``active_changed`` whether a trace is
    being followed.
    """

    told = Signal(str)
    active_changed = Signal(bool)

    def __init__(self, document: Document, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._worker = worker
        self._following: Following | None = None
        self._is_polling = False
        self._work = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._poll)
        self.words = Label("", self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.stop_button = QToolButton(self)
        self.stop_button.setText("Stop")
        self.stop_button.setToolTip("Stop following the trace (Ctrl+Shift+X)")
        self.stop_button.setAccessibleName("Stop following the trace")
        self.stop_button.clicked.connect(self.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.words)
        row.addWidget(self.stop_button)
        self.hide()

    @property
    def is_active(self) -> bool:
        """Whether a trace is being followed."""
        return self._following is not None

    def start(self, following: Following) -> None:
        """Follow a trace; another one is followed no longer."""
        self.stop()
        if not following.is_active:
            return
        self._following = following
        following.stopped = self._stopped
        self.words.setText(following.words)
        self.show()
        self.active_changed.emit(True)
        self._timer.start(_POLL_MS)

    def stop(self) -> None:
        """Follow no longer."""
        if self._following is not None:
            self._following.stop()

    def _stopped(self, why: str) -> None:
        self._following = None
        self._timer.stop()
        self.hide()
        self.active_changed.emit(False)
        self.told.emit(why)

    def _poll(self) -> None:
        """Look at the file beside the window, unless the runs are still behind."""
        following = self._following
        if following is None or self._is_polling:
            return
        if self._document.is_simulating:
            self._timer.start(_POLL_MS)
            return
        self._is_polling = True
        self._work.start()
        self._worker.run(
            following.poll,
            lambda growth: self._arrived(following, growth),
            lambda error: self._failed(following, error),
        )

    def _arrived(self, following: Following, growth: Growth) -> None:
        self._is_polling = False
        if growth.remarks:
            self.told.emit(f"{following.path.name}: {'; '.join(growth.remarks)}")
        following.show(growth)
        if self._following is not None:
            self.words.setText(self._following.words)
            self._timer.start(max(_POLL_MS, self._work.elapsed() * _REST_SHARE))

    def _failed(self, following: Following, error: Exception) -> None:
        self._is_polling = False
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        if following.is_active:
            following.stop(f"{error}. Following stopped; what was read is kept.")
        elif self._following is not None:
            self._timer.start(_POLL_MS)
