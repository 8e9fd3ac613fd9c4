"""Giving the keyboard back: a field for a time or an address is left once it has been used.

Most shortcuts are single keys. While a field has the keyboard it would take them for text.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid


class FocusReturn(QObject):
    """Remembers what had the keyboard last that is no field, and hands it back.

    Other fields do not count: Esc in the second of two must not lead to the first.
    """

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        self._before: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_changed)
            self._focus_changed(None, app.focusWidget())

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and not isinstance(new, QLineEdit):
            self._before = new

    def hand_back(self) -> None:
        """Give the keyboard to what had it before, or to the window as a whole."""
        before = self._before
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._field.clearFocus()
