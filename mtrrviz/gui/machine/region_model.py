"""The regions of a machine that is being edited, as rows whose cells can be typed into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtCore import Signal as QtSignal

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size, parse_address, parse_size
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.scenario.machine_check import region_problems
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.session.forms.region_draft import change_region

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QFont

Index = QModelIndex | QPersistentModelIndex
NAME, KIND, START, LAST, SIZE = range(5)
_TITLES = ("name", "kind", "first address", "last address", "size")
_TIPS = (
    "What the region is called",
    "RAM, ROM and device RAM have a memory slot: touches make leaves there",
    "The first address, a multiple of 4 KiB",
    "The last address; the address after it is a multiple of 4 KiB",
    "The size, such as 16 MiB; the first address stays",
)
_ROLE = Qt.ItemDataRole
_CELLS: tuple[Callable[[Region], str], ...] = (
    lambda region: region.name,
    lambda region: region.kind.value,
    lambda region: format_gpa(region.start),
    lambda region: format_gpa(region.end - 1),
    lambda region: format_size(region.size_bytes, exact=True),
)


class RegionModel(QAbstractTableModel):
    """A row a region. What would make the regions wrong is refused in place.

    ``edited`` tells that the regions were changed here; ``refused`` carries why a change was not
    made, "" once one was.
    """

    edited = QtSignal()
    refused = QtSignal(str)

    def __init__(self, mono: QFont, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mono = mono
        self._regions: tuple[Region, ...] = ()
        self.maxphyaddr = 46

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions in address order."""
        return self._regions

    def show_regions(self, regions: tuple[Region, ...]) -> None:
        """Show other regions, which were not edited here."""
        self.beginResetModel()
        self._regions = regions
        self.endResetModel()

    def change(self, regions: tuple[Region, ...]) -> bool:
        """Let the regions be others as the user edits them; return False, and say why, if wrong."""
        problem = next(region_problems(regions, self.maxphyaddr), None)
        if problem is not None:
            self.refused.emit(problem.message)
            return False
        self.refused.emit("")
        self.show_regions(regions)
        self.edited.emit()
        return True

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of regions."""
        return 0 if parent is not None and parent.isValid() else len(self._regions)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(_TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        """Return a column's title, or what its cells take."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return _TITLES[section]
        return plain_tip(_TIPS[section]) if role == _ROLE.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every cell be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return a cell's text, font or meaning."""
        if not index.isValid():
            return None
        if role in {_ROLE.DisplayRole, _ROLE.EditRole}:
            return _CELLS[index.column()](self._regions[index.row()])
        if role == _ROLE.FontRole and index.column() in {START, LAST}:
            return self._mono
        return plain_tip(_TIPS[index.column()]) if role == _ROLE.ToolTipRole else None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Change a region as typed, or say why not."""
        if role != _ROLE.EditRole:
            return False
        old = self._regions[index.row()]
        try:
            new = _changed(old, index.column(), str(value))
        except (MtrrvizError, ValueError) as error:
            self.refused.emit(str(error))
            return False
        return new == old or self.change(change_region(self._regions, index.row(), new)[0])


def _changed(old: Region, column: int, text: str) -> Region:
    """Return a region with one of its cells as typed; ValueError if it means nothing there."""
    if column == NAME:
        return replace(old, name=text.strip())
    if column == KIND:
        return replace(old, kind=RegionKind(text))
    if column == START:
        return replace(old, start=parse_address(text))
    if column == LAST:
        last = parse_address(text)
        # The address after the last one says the same, and alone is a multiple of a page.
        return replace(old, end=last if last % PAGE_SIZE == 0 else last + 1)
    return replace(old, end=old.start + parse_size(text))
