"""The question which version to keep after another program changed the open file."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from mtrrviz.gui.common.plain_text import Label

if TYPE_CHECKING:
    from collections.abc import Callable

_DIFFERENCE_SIZE = (760, 420)


class Answer(IntEnum):
    """What the user chose; closing the dialog decides nothing."""

    NOTHING = QDialog.DialogCode.Rejected.value
    RELOAD = 2
    KEEP = 3


class ChangedFileDialog(QDialog):
    """Says which file changed, shows the difference, and finishes with an :class:`Answer`.

    ``difference`` is called when the user wants to see it.
    """

    def __init__(
        self, path: str, difference: Callable[[], str], parent: QWidget, *, is_saving: bool
    ) -> None:
        super().__init__(parent)
        self._difference = difference
        self.setObjectName("changed_file")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, not is_saving)
        self.setWindowTitle("The file was changed")
        words = Label(f"{path} was changed by another program.", self)
        words.setWordWrap(True)
        keep = "Keep mine overwrites it." if is_saving else "Keep mine changes it when you save."
        more = Label(f"Reload reads the file again; Undo brings your version back. {keep}", self)
        more.setWordWrap(True)
        self._text = QPlainTextEdit(self)
        self._text.setObjectName("file_difference")
        self._text.setAccessibleName("Difference between what is open and the file")
        self._text.setReadOnly(True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.hide()
        column = QVBoxLayout(self)
        for widget in (words, more, self._text, self._make_buttons(is_saving=is_saving)):
            column.addWidget(widget)

    def _make_buttons(self, *, is_saving: bool) -> QDialogButtonBox:
        roles = QDialogButtonBox.ButtonRole
        buttons = QDialogButtonBox(self)
        reload = buttons.addButton("&Reload", roles.AcceptRole)
        reload.setObjectName("reload_file")
        reload.clicked.connect(lambda: self.done(Answer.RELOAD))
        keep = buttons.addButton("&Keep mine", roles.AcceptRole)
        keep.setObjectName("keep_mine")
        keep.clicked.connect(lambda: self.done(Answer.KEEP))
        show = buttons.addButton("Show the &difference", roles.ActionRole)
        show.setObjectName("show_difference")
        show.clicked.connect(self.show_difference)
        if is_saving:
            cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
            cancel.clicked.connect(self.reject)
        return buttons

    def show_difference(self) -> None:
        """Show how the file differs from what is open."""
        self._text.setPlainText(self._difference())
        self._text.show()
        self.resize(self.size().expandedTo(QSize(*_DIFFERENCE_SIZE)))
        self._text.setFocus()
