"""A list that keys move while the keyboard stays in the field above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLineEdit, QListWidget

_KEYS = Qt.Key
_MOVES = {_KEYS.Key_Up, _KEYS.Key_Down, _KEYS.Key_PageUp, _KEYS.Key_PageDown}


class ListKeys(QObject):
    """Hands Up, Down, Page Up and Page Down of a field to a list."""

    def __init__(self, field: QLineEdit, moved: QListWidget) -> None:
        super().__init__(field)
        self._list = moved
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the list move; all other keys are the field's."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            moves = event.key() in _MOVES
            if moves:
                self._list.keyPressEvent(event)
            return moves
        return super().eventFilter(watched, event)
