"""The registers of a solution beside those of now, changed ones marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from mtrrviz.core.units import format_gpa
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.tables.no_rows import NoRows
from mtrrviz.gui.common.widgets import mono_font

if TYPE_CHECKING:
    from mtrrviz.session.wanted.solution_edit import RegisterChange

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_VALUE_COLUMNS = (1, 2)
NO_SOLUTION = (
    "No registers: there is no solution to show. Choose other types for the ranges on the left, or "
    "more pairs"
)


class RegisterList(QTreeWidget):
    """A row a register: a dot and bold writing where its value changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAccessibleName("Registers before and after")
        self.setMinimumHeight(60)
        self._shown: tuple[list[RegisterChange], str] = ([], "")
        self.show_rows([], "now")
        NoRows(self, NO_SOLUTION)

    @property
    def rows(self) -> list[RegisterChange]:
        """The registers shown."""
        return self._shown[0]

    def show_rows(self, rows: list[RegisterChange], now: str) -> None:
        """Show the registers of a solution; ``now`` heads the values before: "vCPU 0 now"."""
        if self._shown == (rows, now):
            return
        self._shown = (rows, now)
        self.setHeaderLabels(["register", now, "solution", "covers"])
        for column in _VALUE_COLUMNS:
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.clear()
        self.addTopLevelItems([self._item(row) for row in rows])
        for column in range(self.columnCount() - 1):
            self.resizeColumnToContents(column)

    def _item(self, row: RegisterChange) -> QTreeWidgetItem:
        mark = "\N{BULLET} " if row.is_change else ""
        name = mark + row.name.removeprefix("IA32_").removeprefix("MTRR_")
        words = [name, format_gpa(row.before), format_gpa(row.after), row.note]
        item = QTreeWidgetItem(words)
        item.setToolTip(0, plain_tip(f"{row.name} ({row.msr:#x})"))
        for column in _VALUE_COLUMNS:
            font = mono_font(self)
            font.setBold(row.is_change)
            item.setFont(column, font)
            item.setTextAlignment(column, _RIGHT)
        return item
