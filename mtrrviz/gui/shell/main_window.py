"""The window's frame: light enough to be painted at once, filled by the workbench right after.

It imports neither numpy nor the views, so that the first paint waits for Qt alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QMainWindow, QWidget

from mtrrviz.gui.common.event_filters import KeysFirst, pressed_by_focus
from mtrrviz.gui.common.plain_text import OwnWords

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import (
        QCloseEvent,
        QDragEnterEvent,
        QDropEvent,
        QPaintEvent,
        QResizeEvent,
        QShowEvent,
    )

    from mtrrviz.gui.shell.settings import Settings

#: Size of the window the first time, fits a 1280x800 screen with a panel.
FIRST_SIZE = QSize(1280, 780)
#: Smallest useful size.
SMALLEST_SIZE = QSize(600, 340)
#: What the desktop draws around a window, at most.
_FRAME_PX = 32


class MainWindow(QMainWindow):
    """A QMainWindow that asks before it closes, takes dropped files and remembers its place.

    ``files_dropped`` carries paths; ``may_close`` is asked before closing, ``closing`` tells
    when it happens; ``first_painted`` comes while the window is still empty; ``resized`` follows
    each new size.
    """

    files_dropped = Signal(list)
    first_painted = Signal()
    closing = Signal()
    resized = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._has_layout = False
        self._may_close: Callable[[], bool] = _always
        self._move_focus: Callable[[bool], bool] = super().focusNextPrevChild
        self.setObjectName("mtrrviz")
        self.setWindowTitle("mtrrviz")
        self.setAcceptDrops(True)
        KeysFirst(self, pressed_by_focus)
        self.setMinimumSize(SMALLEST_SIZE)
        self.setDockNestingEnabled(True)
        self.resize(FIRST_SIZE)
        opening = Opening()
        opening.painted.connect(self.first_painted)
        self.setCentralWidget(opening)
        geometry = settings.geometry()
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)

    def fit_into_screen(self) -> None:
        """Be no larger than the screen, where a high scale makes that small."""
        room = self.screen().availableSize()
        self.setMinimumSize(self.minimumSize().boundedTo(room))
        self.resize(self.size().boundedTo(room - QSize(0, _FRAME_PX)))

    def go_through_with(self, move: Callable[[bool], bool]) -> None:
        """Let Tab go where ``move`` says; it is told whether to go forward."""
        self._move_focus = move

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Give the keyboard to what comes next."""
        return self._move_focus(forward)

    def remember_layout(self) -> None:
        """Store the docks when the window closes: from now on there are some."""
        self._has_layout = True

    def ask_before_closing(self, may_close: Callable[[], bool]) -> None:
        """Ask ``may_close`` whether the window may go."""
        self._may_close = may_close

    def showEvent(self, event: QShowEvent) -> None:
        """Show the status bar from the start, so that the frame does not jump when filled."""
        self.statusBar()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the new size."""
        super().resizeEvent(event)
        self.resized.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only with consent, and remember where everything was."""
        if not self._may_close():
            event.ignore()
            return
        self.closing.emit()  # first: docks that stepped aside are saved as the user had them
        if self._has_layout:
            self._settings.store_window(self.saveGeometry(), self.saveState())
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files dropped: one, or several dumps of one machine."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)


def _always() -> bool:
    return True


class Opening(OwnWords):
    """What stands in the window until it is filled; ``painted`` tells when it is seen at last."""

    painted = Signal()

    def __init__(self) -> None:
        super().__init__("Opening...")
        self.setObjectName("empty")  # which the style sheet centres

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the word and tell it."""
        super().paintEvent(event)
        self.painted.emit()
