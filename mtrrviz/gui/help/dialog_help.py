"""F1 and Shift+F1 in dialogs, which the shortcuts of the main window do not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QChildEvent, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from mtrrviz.gui.help.pointed_at import page_at
from mtrrviz.gui.help.topics import dialog_page

if TYPE_CHECKING:
    from collections.abc import Callable

_SHIFT, _NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


class DialogHelp(QObject):
    """Opens the page of a dialog, or with Shift that of the field in it that has the keyboard.

    ``window`` is the parent of the dialogs, ``show_page`` opens a page.
    """

    def __init__(self, window: QWidget, show_page: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window = window
        self._show_page = show_page
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch dialogs when they first come up, and answer their key."""
        if isinstance(event, QChildEvent):
            if event.polished() and isinstance(event.child(), QDialog):
                event.child().installEventFilter(self)
        elif isinstance(event, QKeyEvent) and isinstance(watched, QDialog):
            return self._answer(watched, event)
        return False

    def _answer(self, dialog: QDialog, event: QKeyEvent) -> bool:
        """Return whether a key event was the pressing of F1, which opens a page."""
        is_press = event.type() == QEvent.Type.KeyPress
        if not (is_press and event.key() == Qt.Key.Key_F1 and event.modifiers() in (_SHIFT, _NONE)):
            return False
        focused = dialog.focusWidget() if event.modifiers() == _SHIFT else None
        field = page_at(focused) if focused else None
        self._show_page(field or dialog_page(type(dialog).__name__))
        return True
