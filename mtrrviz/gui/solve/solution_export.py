"""Taking a solution away: a format, what it looks like, copy and save."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.solve import FORMATS, solution_text
from mtrrviz.exporters.output import write_parts
from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import mono_font

if TYPE_CHECKING:
    from mtrrviz.analysis.solve import Solution

_FIRST = "wrmsr"


class ExportSolutionDialog(QDialog):
    """One solution in one of its formats. ``told`` and ``refused`` carry words about a file."""

    told = Signal(str)
    refused = Signal(str)

    def __init__(self, solution: Solution, start: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._solution = solution
        self._start = start
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("export_solution")
        self.setWindowTitle("Export the registers")
        self.formats = QComboBox(self)
        self.formats.setAccessibleName("Format")
        for format_id, one in FORMATS.items():
            self.formats.addItem(one.title, format_id)
        self.formats.setCurrentIndex(self.formats.findData(_FIRST))
        self.preview = QPlainTextEdit(self)
        self.preview.setReadOnly(True)
        self.preview.setTabChangesFocus(True)
        self.preview.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.preview.setFont(mono_font(self.preview))
        self.preview.setAccessibleName("Text to export")
        self._lay_out()
        self.formats.currentIndexChanged.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        label = Label("&Format", self)
        label.setBuddy(self.formats)
        top = QHBoxLayout()
        top.addWidget(label)
        top.addWidget(self.formats, 1)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self.preview, 1)
        column.addWidget(self._buttons())
        open_as_large_as(self, 110, 36)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy_button = buttons.addButton("&Copy", role)
        self.copy_button.clicked.connect(self.copy)
        self.save_button = buttons.addButton("&Save...", role)
        self.save_button.clicked.connect(self._ask_file)
        buttons.rejected.connect(self.close)
        return buttons

    @property
    def text(self) -> str:
        """The text in the chosen format, as the command line prints it."""
        return solution_text(self._solution, self.formats.currentData()) + "\n"

    def _show(self) -> None:
        self.preview.setPlainText(self.text)

    def copy(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)
        self.told.emit("Copied the registers to the clipboard")

    def _ask_file(self) -> None:
        suffix = FORMATS[self.formats.currentData()].suffix
        title = "Save the registers"
        name, _ = QFileDialog.getSaveFileName(self, title, self._start + suffix)
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write the text to a file, whole or not at all."""
        try:
            write_parts([self.text], str(path))
        except OSError as error:
            self.refused.emit(str(error))
        else:
            self.told.emit(f"Saved: {path}")
