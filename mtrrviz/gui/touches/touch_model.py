"""The rows of the table of touches, whose cells can be typed over in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtCore import Signal as QtSignal

from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size
from mtrrviz.facts.tables.touch_rows import TouchRows
from mtrrviz.gui.common.tables.rows_model import Index, RowsModel
from mtrrviz.session.edits.typed_touch import TYPED_TOUCH_KEYS

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

    from mtrrviz.gui.common.looks.theme import Theme

_ROLE = Qt.ItemDataRole


class TouchModel(RowsModel):
    """``typed`` carries the index of a touch, the key of a column and what was typed there."""

    typed = QtSignal(int, str, str)

    def __init__(self, theme: Theme, mono: QFont, parent: QObject | None = None) -> None:
        super().__init__(TouchRows, theme, mono, parent)

    def touch_at(self, row: int) -> int:
        """Return which of the scenario's touches a shown row is."""
        rows = self.rows
        if not isinstance(rows, TouchRows):
            raise TypeError("there are no rows")
        return rows.indices[self.source_row(row)]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cells be edited that are part of a touch, and will stay where they are."""
        flags = super().flags(index)
        if index.isValid() and not self.is_busy and self.key(index.column()) in TYPED_TOUCH_KEYS:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return what any table shows; what is typed over is exact."""
        rows = self.rows
        if role != _ROLE.EditRole or not index.isValid() or not isinstance(rows, TouchRows):
            return super().data(index, role)
        sweep = rows.items[self.source_row(index.row())]
        words = {
            "time_s": f"{sweep.time_ns / 1e9:.9f} s",
            "lasts_s": f"{sweep.lasts_ns / 1e9:.9f} s",
            "vcpu": str(sweep.vcpu),
            "access": sweep.access.name.lower(),
            "start": format_gpa(sweep.first_gfn * PAGE_SIZE),
            "size_bytes": format_size(sweep.pages * PAGE_SIZE, exact=True),
        }
        return words.get(self.key(index.column()))

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Tell what was typed, unless it is what was there."""
        if role != _ROLE.EditRole or str(value) == str(self.data(index, _ROLE.EditRole)):
            return False
        self.typed.emit(self.touch_at(index.row()), self.key(index.column()), str(value))
        return True
