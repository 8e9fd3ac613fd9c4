"""How a field reads what is typed, said in the field where the number's base or unit is a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt

from mtrrviz.gui.common.plain_text import Label

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QLineEdit

_GAP_PX = 8


class ReadAs(QObject):
    """Words at the right end of a field, from ``reading`` of its text: "decimal: 0xc06".

    Where there is no room for all of them they are the number alone: "= 0xc06". Screen readers
    say them as the field's description.
    """

    def __init__(self, field: QLineEdit, reading: Callable[[str], str]) -> None:
        super().__init__(field)
        self._field = field
        self._reading = reading
        self.label = Label("", field)
        self.label.setObjectName("read_as")
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.hide()
        field.textChanged.connect(self._show)
        field.installEventFilter(self)

    def _show(self, text: str) -> None:
        words = "" if self._field.isReadOnly() else self._reading(text)
        self._field.setAccessibleDescription(f"Read as {words}" if words else "")
        self.label.setVisible(bool(words))
        if words:
            self._place(text, words)

    def _place(self, text: str, words: str) -> None:
        """Put as many of the words as fit beside the text at the field's right end."""
        field, label = self._field, self.label
        room = field.width() - field.fontMetrics().horizontalAdvance(text) - 3 * _GAP_PX
        label.setText(words)
        if label.sizeHint().width() > room:
            label.setText(f"= {words.partition(': ')[2]}")
        size = label.sizeHint()
        left, top = field.width() - size.width() - _GAP_PX, (field.height() - size.height()) // 2
        label.setGeometry(left, top, size.width(), size.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right end."""
        if event.type() is QEvent.Type.Resize:
            self._show(self._field.text())
        return super().eventFilter(watched, event)
