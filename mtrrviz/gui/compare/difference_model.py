"""The ranges that differ as an item model, sortable by any column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from mtrrviz.facts.difference_rows import cells, columns, separated_text
from mtrrviz.gui.compare.difference_palette import kind_colour

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.facts.difference_rows import DifferenceRow
    from mtrrviz.gui.shell.bridge import Bridge

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_FIRST, _LAST, _SIZE, _KIND, _A, _B = range(6)
_NUMBERS = frozenset({_FIRST, _LAST, _SIZE})
_ASCENDING = Qt.SortOrder.AscendingOrder
#: What each column sorts by; the last one, the region, by its name.
_KEYS: tuple[Callable[[DifferenceRow], Any], ...] = (
    lambda row: row.first_gfn,
    lambda row: row.end_gfn,
    lambda row: row.size_bytes,
    lambda row: row.kind,
    lambda row: -1 if row.bits_a is None else row.bits_a,
    lambda row: -1 if row.bits_b is None else row.bits_b,
    lambda row: row.region_name,
)


class DifferenceModel(QAbstractTableModel):
    """Rows of :func:`difference_rows`, in the order that the user chose."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: list[DifferenceRow] = []
        self._names = ("", "")
        self._order = (_FIRST, _ASCENDING)

    def set_rows(self, rows: list[DifferenceRow], names: tuple[str, str]) -> None:
        """Show other rows of two policies; nothing happens if they are the same."""
        rows = self._sorted(rows)
        if (rows, names) == (self._rows, self._names):
            return
        self.beginResetModel()
        self._rows, self._names = rows, names
        self.endResetModel()

    def _sorted(self, rows: list[DifferenceRow]) -> list[DifferenceRow]:
        """Return rows in the chosen order, equal ones by address."""
        column, order = self._order
        by_address = sorted(rows, key=_KEYS[_FIRST])
        return sorted(by_address, key=_KEYS[column], reverse=order != _ASCENDING)

    def sort(self, column: int, order: Qt.SortOrder = _ASCENDING) -> None:
        """Sort by a column."""
        self._order = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._rows = self._sorted(self._rows)
        self.layoutChanged.emit()

    @property
    def rows(self) -> list[DifferenceRow]:
        """The rows in the order shown."""
        return self._rows

    def text(self, numbers: list[int], separator: str = "\t") -> str:
        """Return rows under a line of titles, as TSV or CSV."""
        return separated_text([self._rows[n] for n in numbers], *self._names, separator)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of ranges."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_KEYS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return columns(*self._names)[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's words, alignment or mark."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return cells(row, *self._names)[column]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{columns(*self._names)[column]}: {cells(row, *self._names)[column]}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole:
            return self._mark(row, column)
        return None

    def _mark(self, row: DifferenceRow, column: int) -> QColor | None:
        """Return the colour of the kind, or of the type that a cell names."""
        theme = self._bridge.theme
        if column == _KIND:
            return kind_colour(theme, row.kind)
        bits = {_A: row.bits_a, _B: row.bits_b}.get(column)
        return None if bits is None else QColor(theme.type_colour(bits >> 3 & 7))
