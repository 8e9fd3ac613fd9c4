"""The ranges of the wanted map as rows that can be edited; the document holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt
from PySide6.QtCore import Signal as QtSignal

from mtrrviz.analysis.solve.wanted_rows import WantedRows
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.units import PAGE_SIZE, format_size, parse_address, parse_size
from mtrrviz.gui.common.looks.type_marks import type_icon
from mtrrviz.gui.common.tables.rows_model import CellLook, Index, RowsModel
from mtrrviz.session.changes import Change
from mtrrviz.session.wanted.wanted_edits import change_range

if TYPE_CHECKING:
    from PySide6.QtGui import QFont, QIcon

    from mtrrviz.analysis.solve import WantedRange
    from mtrrviz.gui.shell.bridge import Bridge

FROM, LAST, SIZE, TYPE = range(len(WantedRows.shown))
_ROLE = Qt.ItemDataRole


class WantedModel(RowsModel):
    """A row a range. ``refused`` carries why an edit was not made, "" once one was."""

    refused = QtSignal(str)

    def __init__(self, bridge: Bridge, font: QFont, parent: QObject | None = None) -> None:
        super().__init__(WantedRows, bridge.theme, font, parent, _look(bridge))
        self._bridge = bridge
        self.set_rows(WantedRows(bridge.document.wanted.ranges))
        bridge.changed.connect(self._on_changes)
        bridge.theme_changed.connect(lambda: self.set_theme(bridge.theme))

    @property
    def ranges(self) -> tuple[WantedRange, ...]:
        """The ranges, a row each."""
        return self.rows.ranges if isinstance(self.rows, WantedRows) else ()

    def _on_changes(self, changes: frozenset[Change]) -> None:
        if changes & {Change.WANTED, Change.SCENARIO, Change.OPENED}:
            self.set_rows(WantedRows(self._bridge.document.wanted.ranges))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every cell be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return what any table shows; a size that is edited must be exact."""
        if role != _ROLE.EditRole or not index.isValid():
            return super().data(index, role)
        if index.column() == SIZE:
            one = self.ranges[index.row()]
            return format_size(one.end - one.start, exact=True)
        return super().data(index)

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Change a range as typed, or say why not."""
        if role != _ROLE.EditRole:
            return False
        row = index.row()
        document = self._bridge.document
        try:
            new = changed_range(self.ranges[row], index.column(), str(value))
            width = document.scenario.machine.maxphyaddr
            edit = change_range(document.wanted, row, new, width)
        except (MtrrvizError, ValueError) as error:
            self.refused.emit(str(error))
            return False
        self.refused.emit("")
        if new != self.ranges[row]:
            document.want(edit)
        return True


def _look(bridge: Bridge) -> CellLook:
    """Put the type's colour before its name; a tip says what a cell takes."""

    def mark(rows: WantedRows, row: int, key: str) -> QIcon | None:
        if key != "type":
            return None
        return type_icon(bridge.theme, rows.ranges[row].type)

    def tip(rows: WantedRows, _row: int, key: str) -> str:
        return rows.column(key).meaning

    return CellLook(mark=mark, tip=tip)


def changed_range(old: WantedRange, column: int, text: str) -> WantedRange:
    """Return a range with one of its cells as typed; ValueError or MtrrvizError if it is none.

    A new start leaves the end; the last byte may also be given as the address after it, which
    alone is a multiple of a page.
    """
    if column == FROM:
        return replace(old, start=parse_address(text))
    if column == LAST:
        last = parse_address(text)
        return replace(old, end=last if last % PAGE_SIZE == 0 else last + 1)
    if column == SIZE:
        return replace(old, end=old.start + parse_size(text))
    return replace(old, type=MemoryType[text])
