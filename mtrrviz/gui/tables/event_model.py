"""The rows of the event table, whose time, vCPU, value and words can be typed over in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtCore import Signal as QtSignal

from mtrrviz.core.units import format_gpa
from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.gui.common.tables.rows_model import Index, RowsModel
from mtrrviz.session.edits.typed_event import can_type

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.scenario.events import Event

_ROLE = Qt.ItemDataRole


class EventModel(RowsModel):
    """``typed`` carries the index of an event, the key of a column and what was typed there."""

    typed = QtSignal(int, str, str)

    def __init__(self, theme: Theme, mono: QFont, parent: QObject | None = None) -> None:
        super().__init__(EventRows, theme, mono, parent)

    def event_at(self, index: Index) -> Event | None:
        """Return the event of a cell."""
        rows = self.rows
        return rows.event(self.source_row(index.row())) if isinstance(rows, EventRows) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cells be edited that hold something of their event, and will stay where they are."""
        event = self.event_at(index) if index.isValid() and not self.is_busy else None
        flags = super().flags(index)
        if event is not None and can_type(event, self.key(index.column())):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return what any table shows; what is typed over is exact, and of the event alone."""
        if role != _ROLE.EditRole or not index.isValid():
            return super().data(index, role)
        event = self.event_at(index)
        if event is None:
            return None
        words = {
            "time_s": f"{event.time_ns / 1e9:.9f} s",
            "vcpu": str(event.vcpu),
            "value": format_gpa(event.value),
            "meaning": event.text,
        }
        return words.get(self.key(index.column()))

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Tell what was typed, unless it is what was there."""
        if role != _ROLE.EditRole or str(value) == str(self.data(index, _ROLE.EditRole)):
            return False
        self.typed.emit(self.source_row(index.row()), self.key(index.column()), str(value))
        return True
