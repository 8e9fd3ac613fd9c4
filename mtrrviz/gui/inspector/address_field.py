"""The field that goes to an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mtrrviz.core.units import PAGE_SHIFT, format_gpa, parse_address
from mtrrviz.gui.common.focus import FocusReturn
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import HexEdit

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class AddressField(QWidget):
    """Takes an address and says in place what is wrong with one; ``entered`` carries a gfn.

    Enter and Esc give the keyboard back to where it was.
    """

    entered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = 1 << 52
        self.edit = HexEdit("Go to", self)
        self._focus = FocusReturn(self.edit)
        self.edit.setPlaceholderText("e.g. 0x8000_0000 or 2 GiB")
        label = Label("&Go to", self)
        label.setObjectName("dim")
        label.setBuddy(self.edit)
        self.error = Label("", self)
        self.error.setObjectName("error")
        self.error.setWordWrap(True)
        self.error.hide()
        line = QHBoxLayout()
        line.addWidget(label)
        line.addWidget(self.edit, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(line)
        column.addWidget(self.error)
        self.edit.returnPressed.connect(self._go)
        self.edit.textEdited.connect(self._forgive)

    def set_limit(self, gpa: int) -> None:
        """Refuse addresses from ``gpa`` on."""
        self._limit = gpa

    def show_gpa(self, gpa: int | None) -> None:
        """Show the address of the selected page, if any, unless the user is writing."""
        if not self.edit.hasFocus():
            self.edit.setText("" if gpa is None else format_gpa(gpa))
            self._show_error("")

    def forget(self) -> None:
        """Drop what is being written: it was meant for another machine."""
        self.edit.clear()
        self._show_error("")

    def _go(self) -> None:
        try:
            gpa = parse_address(self.edit.text())
        except ValueError as error:
            self._show_error(str(error))
            return
        if gpa >= self._limit:
            self._show_error(
                f"{format_gpa(gpa)} is beyond the machine's physical addresses "
                f"(below {format_gpa(self._limit)})"
            )
            return
        self._show_error("")
        self._focus.hand_back()
        self.entered.emit(gpa >> PAGE_SHIFT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the field with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._focus.hand_back()
        else:
            super().keyPressEvent(event)

    def _forgive(self, _text: str) -> None:
        """Take the mark of an error away once the text is another one."""
        self._show_error("")

    def _show_error(self, words: str) -> None:
        if words == self.error.text():
            return
        self.edit.show_error(words)
        self.error.setText(words)
        self.error.setVisible(bool(words))
