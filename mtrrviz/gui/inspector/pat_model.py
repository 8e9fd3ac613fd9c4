"""What the guest's PAT makes of a leaf, entry by entry, as an item model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from mtrrviz.analysis.explaining.pat_table import note_words
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.registers.paint import type_icon

if TYPE_CHECKING:
    from mtrrviz.analysis.explaining.pat_table import Effective, PatRow, PatTable
    from mtrrviz.gui.shell.bridge import Bridge

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_SHORT_NOTES = {1: "by EPT (1)", 2: "by PAT (2)", 3: "(3)"}
_SIDE = 10


class PatModel(QAbstractTableModel):
    """Eight rows: entry, PAT type, effective type, note; two effective types for a stale leaf."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._table: PatTable | None = None
        self._rows: tuple[PatRow, ...] = ()
        bridge.theme_changed.connect(self._recolour)

    def show_table(self, table: PatTable) -> None:
        """Show another PAT or leaf."""
        if table == self._table:
            return
        self.beginResetModel()
        self._table = table
        has_leaf = table.mapped is not None or table.next_fault is not None
        self._rows = table.rows if has_leaf else ()
        self.endResetModel()

    @property
    def is_stale(self) -> bool:
        """Whether the mapped leaf and the next fault's differ, so that both are shown."""
        table = self._table
        if table is None or table.mapped is None or table.next_fault is None:
            return False
        return table.mapped != table.next_fault

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        if self.is_stale:
            return "PAT", "says", "is", "next", "note"
        return "PAT", "says", "page is", "note"

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of entries: eight, none without a leaf."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.names)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        name = self.names[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        return _MEANINGS[name] if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's words, its swatch of colour, or the row in sentences."""
        if not index.isValid():
            return None
        row, name = self._rows[index.row()], self.names[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(row, name)
        if role == Qt.ItemDataRole.DecorationRole:
            code = self._code(row, name)
            return None if code is None else type_icon(self._bridge.theme, code, _SIDE)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._sentences(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._sentences(row)
        return None

    def _words(self, row: PatRow, name: str) -> str:
        if name == "PAT":
            return f"PA{row.index}"
        if name == "says":
            return row.pat.label
        if name == "note":
            notes = self._notes(row)
            # Beside two types there is only room for the numbers.
            return ", ".join(f"({n})" if self.is_stale else _SHORT_NOTES[n] for n in notes)
        cell = self._cell(row, name)
        return "" if cell is None else cell.type.name

    def _cell(self, row: PatRow, name: str) -> Effective | None:
        if name == "next":
            return row.next_fault
        return row.mapped or row.next_fault

    def _notes(self, row: PatRow) -> tuple[int, ...]:
        """Return the notes on what the page is, or without any, on what it would be."""
        cell = row.mapped or row.next_fault
        found = cell.notes if cell is not None else ()
        return found or (row.next_fault.notes if row.next_fault is not None else ())

    def _code(self, row: PatRow, name: str) -> int | None:
        if name == "says":
            return int(row.pat)
        cell = self._cell(row, name) if name in ("is", "next", "page is") else None
        return None if cell is None else int(cell.type)

    def _sentences(self, row: PatRow) -> str:
        shown = (
            f"{_PLAIN.get(name, name)} {words}"
            for name in self.names
            if (words := self._words(row, name))
        )
        notes = [note_words(note) for note in self._notes(row)]
        return "\n".join([", ".join(shown), f"chosen by {row.bits}; {row.pat.meaning}", *notes])

    def _recolour(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.DecorationRole])


_MEANINGS = {
    "PAT": "entry of the guest's PAT; bits PAT, PCD and PWT of its page tables choose one",
    "says": "memory type in that entry",
    "page is": "what the processor makes of it together with the EPT entry",
    "is": "what the processor makes of it together with the leaf that is mapped",
    "next": "the same for the leaf that the next fault would make",
    "note": "how it comes about (SDM vol. 3A table 12-7)",
}
_PLAIN = {"PAT": "entry", "is": "with the mapped leaf", "next": "after the next fault"}
