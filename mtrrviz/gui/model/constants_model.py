"""The item model of the table of constants; the document holds the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from mtrrviz.facts.tables.constant_rows import ConstantRows, range_text
from mtrrviz.gui.common.tables.rows_model import CellLook, Index, RowsModel
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

    from mtrrviz.facts.tables.constant_rows import UsedConstant
    from mtrrviz.gui.shell.bridge import Bridge

VALUE_COLUMN = ConstantRows.shown.index("value")


class ConstantsModel(RowsModel):
    """All constants; those of the lock and of the boot can be edited in the value column."""

    def __init__(self, bridge: Bridge, font: QFont, parent: QObject | None = None) -> None:
        super().__init__(ConstantRows, bridge.theme, font, parent, _LOOK)
        self._document = bridge.document
        self._constants = ConstantRows(self._document.costs)
        self.set_rows(self._constants)
        bridge.changed.connect(self._document_changed)
        bridge.theme_changed.connect(lambda: self.set_theme(bridge.theme))

    def constant(self, row: int) -> UsedConstant:
        """Return the constant of a row."""
        return self._constants.items[row]

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.COSTS in changes:
            self._constants = ConstantRows(self._document.costs)
            self.update_rows(self._constants)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that values of entries can be edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == VALUE_COLUMN and self.constant(index.row()).entry is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags


def _tip(rows: ConstantRows, row: int, _key: str) -> str:
    lines = [rows.text(row, "meaning"), f"Source: {rows.text(row, 'source')}"]
    entry = rows.items[row].entry
    if entry is None:
        return "\n".join([*lines, "Measured: choose another CPU for other values"])
    return "\n".join([*lines, f"Possible: {range_text(entry)}"])


_LOOK = CellLook(tip=_tip, is_bold=lambda rows, row, _key: rows.items[row].is_changed)
