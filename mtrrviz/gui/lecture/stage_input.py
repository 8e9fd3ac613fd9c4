"""Keys and mouse of a whole window, before any of its widgets has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from mtrrviz.gui.lecture.stage_commands import command_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.lecture.pen_layer import PenLayer
    from mtrrviz.gui.lecture.pointer_ring import PointerRing

_PRESSES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick})


class CommandKeys(QObject):
    """Takes the keys of the lecture's commands from a window and tells ``do`` their ids.

    It filters the native window: what has the keyboard in it does not matter, so that a clicker
    always works.
    """

    def __init__(self, window: QWidget, do: Callable[[str], None]) -> None:
        super().__init__(window)
        self._do = do
        window.winId()  # which makes the native window
        window.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a key, unless a menu is open; a key held down counts once."""
        del watched
        if not isinstance(event, QKeyEvent) or QApplication.activePopupWidget() is not None:
            return False
        command = command_of(event)
        if command is None:
            return False
        event.accept()  # which, for ShortcutOverride, keeps it from shortcuts
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._do(command)
        return True


class StagePointer(QObject):
    """Lets the ring follow the mouse, draws with the pen, and asks for the menu.

    All else of the mouse goes to what lies under it.
    """

    def __init__(
        self, stage: QWidget, ring: PointerRing, pen: PenLayer, do: Callable[[str], None]
    ) -> None:
        super().__init__(stage)
        self._ring, self._pen, self._do = ring, pen, do
        stage.winId()
        stage.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse; what draws goes no further."""
        del watched
        if event.type() == QEvent.Type.Leave:
            self._ring.hide()
        if not isinstance(event, QMouseEvent) or QApplication.activePopupWidget() is not None:
            return False
        self._ring.follow(event.position().toPoint())
        if Qt.MouseButton.RightButton in (event.button(), event.buttons()):
            if event.type() == QEvent.Type.MouseButtonRelease:
                self._do("show_menu")
            return True
        return self._draws(event)

    def _draws(self, event: QMouseEvent) -> bool:
        place, kind, drawing = event.position(), event.type(), self._pen.drawing
        if kind in _PRESSES and event.button() is Qt.MouseButton.LeftButton:
            with_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if self._pen.is_on or with_ctrl:
                self._pen.begin(place)
        elif kind == QEvent.Type.MouseMove and drawing.is_open:
            self._pen.draw_to(place)
        elif kind == QEvent.Type.MouseButtonRelease and drawing.is_open:
            drawing.end()
            return True
        return drawing.is_open
