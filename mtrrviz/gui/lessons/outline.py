"""An outline around a control, which the mouse passes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QTabBar, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOM_PX = 4
_PEN_PX = 3
#: Time until a panel that was just filled has come to rest, milliseconds.
_SETTLED_MS = 300
_MOVES = frozenset(
    {
        QEvent.Type.Move,
        QEvent.Type.Resize,
        QEvent.Type.Show,
        QEvent.Type.Hide,
        QEvent.Type.ParentChange,
    }
)


class Outline(QWidget):
    """Lies over a window and outlines one of its widgets; follows it and takes no clicks or keys.

    Of a widget in a dock that is a tab beside the one of the ``reader`` it outlines the tab: the
    reader stays in front. ``colour`` is asked at each paint, so that it is the theme's.
    """

    def __init__(self, window: QMainWindow, reader: QWidget, colour: Callable[[], str]) -> None:
        super().__init__(window)
        self._reader = reader
        self._window = window
        self._colour = colour
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self.setObjectName("lesson_outline")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.follow)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.timeout.connect(self._reveal_again)
        self.hide()

    @property
    def target(self) -> QWidget | None:
        """The widget that is outlined."""
        return self._target if self._target is not None and isValid(self._target) else None

    def point_at(self, target: QWidget | None) -> None:
        """Outline a widget of the window, or nothing; a dock that hides it comes to the front."""
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        self._target = target
        if target is not None:
            self._reveal(target)
            self._watched = [target, *_ancestors(target)]
            for widget in self._watched:
                widget.installEventFilter(self)
            self._settled.start()
        self.follow()

    def _reveal_again(self) -> None:
        """Show what another scenario has brought out of sight: the reader, and the widget."""
        reader, target = dock_of(self._reader), self.target
        if reader is None or target is None:
            return
        if self._reader.visibleRegion().isEmpty() and self._window.tabifiedDockWidgets(reader):
            reader.raise_()
        if target.isVisible() and target.visibleRegion().isEmpty():
            self._reveal(target)
        self.follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what moves, once it has moved."""
        del watched
        if event.type() in _MOVES:
            self._later.start(0)
        return False

    def follow(self) -> None:
        """Lie around the widget where it can be seen, or its tab; be gone where neither can."""
        target = self.target
        if target is None or target.window() is not self._window:
            self.hide()
            return
        place = _seen(target, self._window) if target.isVisible() else QRect()
        if place.isEmpty():
            place = self._tab_of(target)
        if place.isEmpty():
            self.hide()
            return
        room = place.adjusted(-_ROOM_PX, -_ROOM_PX, _ROOM_PX, _ROOM_PX)
        self.setGeometry(room.intersected(self._window.rect()))
        self.show()
        self.raise_()

    def hides_reader(self, dock: QDockWidget) -> bool:
        """Whether a dock is a tab beside that of the reader, which it would hide."""
        reader = dock_of(self._reader)
        return reader is not None and dock in self._window.tabifiedDockWidgets(reader)

    def _tab_of(self, target: QWidget) -> QRect:
        """Return where the tab is that a widget is behind, empty if there is none.

        Where the tab is scrolled away, that is where all the tabs are.
        """
        dock = dock_of(target)
        if dock is None or not self.hides_reader(dock):
            return QRect()
        for bar in self._window.findChildren(
            QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly
        ):
            for index in range(bar.count() if bar.isVisible() else 0):
                if bar.tabText(index).replace("&", "") == dock.windowTitle().replace("&", ""):
                    corner = bar.mapTo(self._window, QPoint(0, 0))
                    shown = bar.tabRect(index).intersected(bar.rect())
                    return (bar.rect() if shown.isEmpty() else shown).translated(corner)
        return QRect()

    def _reveal(self, widget: QWidget) -> None:
        """Bring the dock around a widget to the front, and scroll to it."""
        dock = dock_of(widget)
        if dock is not None and not self.hides_reader(dock):
            dock.show()
            dock.raise_()
        for parent in _ancestors(widget):
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(widget)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a frame and nothing in it."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._colour()), _PEN_PX))
        inset = _PEN_PX // 2 + 1
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), 4, 4)
        painter.end()


def _ancestors(widget: QWidget) -> list[QWidget]:
    found: list[QWidget] = []
    parent = widget.parentWidget()
    while parent is not None:
        found.append(parent)
        parent = parent.parentWidget()
    return found


def dock_of(widget: QWidget) -> QDockWidget | None:
    """Return the dock that a widget is, or is in."""
    docks = (each for each in (widget, *_ancestors(widget)) if isinstance(each, QDockWidget))
    return next(docks, None)


def _seen(widget: QWidget, window: QWidget) -> QRect:
    """Return what can be seen of a widget, in its window; empty if nothing can."""
    seen = widget.visibleRegion().boundingRect()
    return seen.translated(widget.mapTo(window, QPoint(0, 0))) if not seen.isEmpty() else QRect()
