"""A table of text to read and to copy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.tables.copying import copy_table
from mtrrviz.gui.common.widgets import hold_rows

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CopyTable(QTableWidget):
    """Rows of text: the first ``words`` columns are words, the others numbers."""

    def __init__(self, header: Sequence[str], words: int, name: str) -> None:
        super().__init__(0, len(header))
        self._words = words
        self.setHorizontalHeaderLabels(header)
        self.setAccessibleName(name)
        hold_rows(self)
        self.copying = copy_table(self)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    @contextmanager
    def filling(self) -> Generator[None]:
        """Measure the columns once when rows are filled, where Qt would at every cell."""
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        try:
            yield
        finally:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def fill(self, number: int, cells: Sequence[str], *, bold: bool = False, tip: str = "") -> None:
        """Fill a row that is there."""
        for column, words in enumerate(cells):
            item = QTableWidgetItem(words)
            if column >= self._words:
                item.setTextAlignment(_RIGHT)
            if bold:
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            item.setToolTip(plain_tip(tip))
            self.setItem(number, column, item)
