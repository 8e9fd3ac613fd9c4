"""The table beside the constants: figures at the model's own constants and at those in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import hold_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.model_results import ModelResult

_HEADER = ("modelled", "default", "now")
#: Room for a figure, in digits.
_FIGURE_DIGITS = 14
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ResultsTable(QTableWidget):
    """A row a figure; those that the constants change are in bold."""

    def __init__(self) -> None:
        super().__init__(0, len(_HEADER))
        self.setHorizontalHeaderLabels(_HEADER)
        self.setAccessibleName("Modelled figures, default and now")
        hold_rows(self)
        self.setShowGrid(False)
        header = self.horizontalHeader()
        header.setDefaultAlignment(_RIGHT)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        digit = self.fontMetrics().horizontalAdvance("0")
        for column in (1, 2):
            header.resizeSection(column, _FIGURE_DIGITS * digit)
        first = self.horizontalHeaderItem(0)
        if first is not None:
            first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_results(self, results: Sequence[ModelResult]) -> None:
        """Show other figures."""
        self.setRowCount(len(results))
        for row, result in enumerate(results):
            for column, words in enumerate((result.name, result.default, result.now)):
                self.setItem(row, column, _item(words, result, is_number=column > 0))


def _item(words: str, result: ModelResult, *, is_number: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(words)
    item.setToolTip(plain_tip(result.meaning))
    if is_number:
        item.setTextAlignment(_RIGHT)
    if result.is_changed:
        font = item.font()
        font.setBold(True)
        item.setFont(font)
    return item
