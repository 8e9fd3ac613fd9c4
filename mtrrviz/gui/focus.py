"""Giving the keyboard back: a field for a time or an address is left once it has been used.

Most shortcuts are single keys. While a field has the keyboard it would take them for text.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid


class FocusReturn(QObject):
    """Remembers what had the keyboard before ``field`` and hands it back."""

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        self._before: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_changed)

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is self._field and old is not None:
            self._before = old

    def hand_back(self) -> None:
        """Give the keyboard to what had it before, or to the window as a whole."""
        before = self._before
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._field.clearFocus()
