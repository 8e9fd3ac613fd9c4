"""What widgets answer beside Qt's own handlers, as event filters.

Filters, because a Python override of ``event()`` has every paint of the widget nested in it, and
an exception that crosses two nested overrides aborts PySide6 6.11 instead of being reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6 import QtCore
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QToolTip, QWidget

from mtrrviz.gui.common.plain_text import plain_tip

if TYPE_CHECKING:
    from collections.abc import Callable


class PointerTips(QObject):
    """Shows tooltips that depend on the place under the pointer."""

    def __init__(self, widget: QWidget, words_at: Callable[[QPoint], str]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._words_at = words_at
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer tooltip requests, and nothing else."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        QToolTip.showText(event.globalPos(), plain_tip(self._words_at(event.pos())), self._widget)
        return watched is self._widget


class KeysFirst(QObject):
    """Takes plain keys before the shortcuts of the window do, where ``wants`` says so."""

    def __init__(self, widget: QWidget, wants: Callable[[QtCore.Qt.Key], bool]) -> None:
        super().__init__(widget)
        self._wants = wants
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept a shortcut's key, so that it arrives as an ordinary key press."""
        del watched
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        plain = event.modifiers() == QtCore.Qt.KeyboardModifier.NoModifier
        if plain and self._wants(QtCore.Qt.Key(event.key())):
            event.accept()
            return True
        return False


def pressed_by_focus(key: QtCore.Qt.Key) -> bool:
    """Whether the focused widget is a button or list that Space and Return would press."""
    focused = isinstance(QApplication.focusWidget(), QAbstractButton | QComboBox)
    return focused and key in {QtCore.Qt.Key.Key_Space, QtCore.Qt.Key.Key_Return}
