"""The item model of the table of constants; the document holds the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from mtrrviz.facts.constant_rows import (
    COLUMNS,
    VALUE,
    ConstantRow,
    constant_rows,
    range_text,
)
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.shell.bridge import Bridge

Index = QModelIndex | QPersistentModelIndex
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NUMBERS = frozenset({"value", "default"})
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_HEADER_TIPS = {
    "constant": "Its name, as `mtrrviz run --constant NAME=VALUE` takes it",
    "value": "Type another one, or turn it up and down with the arrow keys; all modelled figures "
    "in the window follow at once",
    "default": "The value of the model, to which Reset goes back",
    "known": "fitted to published measurements, chosen, assumed, given with the measurements, "
    "measured, or changed by hand",
}


class ConstantsModel(QAbstractTableModel):
    """All constants; those of the lock and of the boot can be edited in the value column."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = bridge.document
        self._rows = constant_rows(self._document.costs)
        bridge.changed.connect(self._document_changed)

    def row(self, number: int) -> ConstantRow:
        """Return a constant."""
        return self._rows[number]

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.COSTS not in changes:
            return
        self._rows = constant_rows(self._document.costs)
        last = self.index(len(self._rows) - 1, len(COLUMNS) - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    # The item model

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of constants."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that values of entries can be edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == VALUE and self._rows[index.row()].entry is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return a column's name, or what it is."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _HEADER_TIPS.get(COLUMNS[section])
        return COLUMNS[section] if role == _DISPLAY else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return a cell; changed constants are bold, and their row says "changed"."""
        answer = _ANSWERS.get(role) if index.isValid() else None
        return answer and answer(self._rows[index.row()], index.column())


def _alignment(column: int) -> int:
    return _RIGHT if COLUMNS[column] in _NUMBERS else _LEFT


def _font(row: ConstantRow) -> QFont | None:
    if not row.is_changed:
        return None
    font = QFont()
    font.setBold(True)
    return font


def _tip(row: ConstantRow) -> str:
    cells = dict(zip(COLUMNS, row.cells, strict=True))
    lines = [cells["what it is"], f"Source: {cells['source']}"]
    if row.entry is None:
        return "\n".join([*lines, "Measured: choose another CPU for other values"])
    return "\n".join([*lines, f"Possible: {range_text(row.entry)}"])


_ANSWERS: dict[int, Callable[[ConstantRow, int], Any]] = {
    _DISPLAY: lambda row, column: row.cells[column],
    int(Qt.ItemDataRole.TextAlignmentRole): lambda _row, column: _alignment(column),
    int(Qt.ItemDataRole.ToolTipRole): lambda row, _column: plain_tip(_tip(row)),
    int(Qt.ItemDataRole.AccessibleTextRole): lambda row, column: (
        f"{COLUMNS[column]} {row.cells[column]}"
    ),
    int(Qt.ItemDataRole.FontRole): lambda row, _column: _font(row),
}
