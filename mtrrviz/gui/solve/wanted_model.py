"""The ranges of the wanted map as rows that can be edited; the document holds them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtCore import Signal as QtSignal

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size, parse_address, parse_size
from mtrrviz.gui.registers.paint import type_icon
from mtrrviz.session.changes import Change
from mtrrviz.session.wanted_edits import change_range

if TYPE_CHECKING:
    from mtrrviz.analysis.solve import WantedRange
    from mtrrviz.gui.shell.bridge import Bridge

    Index = QModelIndex | QPersistentModelIndex

HEADERS = ("From", "Last byte", "Size", "Type")
FROM, LAST, SIZE, TYPE = range(4)
_ICON_PX = 10
_TIPS = (
    "The first address: 0x8000_0000 or 2 GiB",
    "The last address, or the one after it: 0xffff_ffff or 4 GiB",
    "The size: 512 MiB, 2 GiB",
    "The type that these pages shall have",
)
_ROLE = Qt.ItemDataRole


class WantedModel(QAbstractTableModel):
    """A row a range. ``refused`` carries why an edit was not made, "" once one was."""

    refused = QtSignal(str)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ranges = bridge.document.wanted.ranges
        bridge.changed.connect(self._on_changes)

    @property
    def ranges(self) -> tuple[WantedRange, ...]:
        """The ranges, a row each."""
        return self._ranges

    def _on_changes(self, changes: frozenset[Change]) -> None:
        if changes & {Change.WANTED, Change.SCENARIO, Change.OPENED}:
            ranges = self._bridge.document.wanted.ranges
            if ranges != self._ranges:
                self.beginResetModel()
                self._ranges = ranges
                self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of ranges."""
        return 0 if parent.isValid() else len(self._ranges)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        """Return the header of a column."""
        is_name = orientation is Qt.Orientation.Horizontal and role == _ROLE.DisplayRole
        return HEADERS[section] if is_name else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every cell be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return words, the type's colour, alignment and what a cell takes."""
        one, column = self._ranges[index.row()], index.column()
        if role in (_ROLE.DisplayRole, _ROLE.EditRole):
            return _cells(one, exact=role == _ROLE.EditRole)[column]
        if role == _ROLE.DecorationRole and column == TYPE:
            return type_icon(self._bridge.theme, one.type, _ICON_PX)
        if role == _ROLE.TextAlignmentRole and column != TYPE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == _ROLE.ToolTipRole:
            return _TIPS[column]
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Change a range as typed, or say why not."""
        if role != _ROLE.EditRole:
            return False
        row = index.row()
        document = self._bridge.document
        try:
            new = changed_range(self._ranges[row], index.column(), str(value))
            width = document.scenario.machine.maxphyaddr
            edit = change_range(document.wanted, row, new, width)
        except (MtrrvizError, ValueError) as error:
            self.refused.emit(str(error))
            return False
        self.refused.emit("")
        if new != self._ranges[row]:
            document.want(edit)
        return True


def _cells(one: WantedRange, *, exact: bool) -> tuple[str, ...]:
    """Return the words of a row; a size that is edited must be exact."""
    size = format_size(one.end - one.start, exact=exact)
    return format_gpa(one.start), format_gpa(one.end - 1), size, one.type.name


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
