"""The leaves that a page had, as an item model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.units import LEVEL_NAMES, format_time_ns
from mtrrviz.gui.common.plain_text import plain_tip

if TYPE_CHECKING:
    from mtrrviz.analysis.explaining.page_facts import PastLeaf
    from mtrrviz.gui.shell.bridge import Bridge

Index = QModelIndex | QPersistentModelIndex
#: The first three are seen in the narrowest inspector, the others by scrolling and in the tip.
_COLUMNS = ("Born", "Leaf", "Died", "vCPU", "Ended by")
_ROOT = QModelIndex()


class HistoryModel(QAbstractTableModel):
    """One row a leaf; the one that is there now is marked, those still to come are dim."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._leaves: tuple[PastLeaf, ...] = ()
        self._time_ns = 0

    def set_leaves(self, leaves: tuple[PastLeaf, ...]) -> None:
        """Show other leaves."""
        self.beginResetModel()
        self._leaves = leaves
        self.endResetModel()

    def set_time(self, time_ns: int) -> None:
        """Mark what is there at another time."""
        if time_ns != self._time_ns and self._leaves:
            self._time_ns = time_ns
            last = self.index(len(self._leaves) - 1, len(_COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        self._time_ns = time_ns

    def leaf(self, row: int) -> PastLeaf:
        """Return the leaf of a row."""
        return self._leaves[row]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of leaves."""
        return 0 if parent.isValid() else len(self._leaves)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a cell, their colour, or the row in one sentence."""
        if not index.isValid():
            return None
        leaf = self._leaves[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(leaf, index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._brush(leaf)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.data(index, Qt.ItemDataRole.AccessibleTextRole))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            cells = (self._cell(leaf, column) for column in range(len(_COLUMNS)))
            words = ", ".join(
                f"{title} {cell}" for title, cell in zip(_COLUMNS, cells, strict=True)
            )
            return f"{words}. Click to go to its birth."
        return None

    def _cell(self, leaf: PastLeaf, column: int) -> str:
        memory_type, ipat = bits_to_leaf(leaf.bits)
        if column == 0:
            now = "▸ " if leaf.is_alive(self._time_ns) else ""
            return now + format_time_ns(leaf.born_ns)
        if column == 1:
            return f"{memory_type.name}{' IPAT' if ipat else ''} {LEVEL_NAMES[leaf.level]}"
        if column == 2:
            return "" if leaf.died_ns is None else format_time_ns(leaf.died_ns)
        if column == 3:
            return str(leaf.vcpu)
        return leaf.end

    def _brush(self, leaf: PastLeaf) -> QBrush:
        theme = self._bridge.theme
        if leaf.is_alive(self._time_ns):
            return QBrush(QColor(theme.text))
        is_past = leaf.born_ns <= self._time_ns
        return QBrush(QColor(theme.dim if is_past else theme.faint))
