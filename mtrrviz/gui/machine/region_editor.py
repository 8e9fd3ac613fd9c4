"""The regions of a machine: a strip to drag borders on, and a table to type into, in step."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.words import sentence
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import mono_font, plain_table, push_button
from mtrrviz.gui.machine.region_model import KIND, NAME, RegionModel
from mtrrviz.gui.machine.region_strip import RegionStrip
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.session.forms.region_draft import Regions, add_region, remove_region, split_region

if TYPE_CHECKING:
    from collections.abc import Callable

_TRIGGERS = QAbstractItemView.EditTrigger
_Made = TypeVar("_Made")


class RegionEditor(QWidget):
    """Edits regions. ``edited`` tells that the user changed them."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RegionModel(mono_font(self), self)
        self.strip = RegionStrip(self)
        self.strip.setObjectName("region_strip")
        self.table = plain_table(self.model, "Regions", self)
        self.table.setObjectName("regions")
        self.table.setEditTriggers(
            _TRIGGERS.DoubleClicked | _TRIGGERS.EditKeyPressed | _TRIGGERS.AnyKeyPressed
        )
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setItemDelegateForColumn(KIND, _KindDelegate(self.table))
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.error = Label()
        self.error.setObjectName("error")
        self.error.setWordWrap(True)
        self._lay_out()
        self.model.refused.connect(self._say)
        self.model.edited.connect(self.edited)
        self.model.modelReset.connect(self._show_strip)
        self.table.selectionModel().selectionChanged.connect(self._show_strip)
        self.strip.dragged.connect(self._drag)
        self.strip.chosen.connect(self.table.selectRow)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for name, text, tip, act in (
            ("add_region", "&Add", "Add a region in a free place", self.add),
            ("split_region", "&Split", "Split the selected region in half", self.split),
            ("remove_region", "&Remove", "Remove the selected region", self.remove),
        ):
            button = push_button(text, tip, act, self)
            button.setObjectName(name)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.strip)
        column.addWidget(self.table, 1)
        column.addWidget(self.error)
        column.addLayout(row)

    @property
    def regions(self) -> Regions:
        """The regions as they are now."""
        return self.model.regions

    @property
    def selected(self) -> int:
        """The number of the selected region, -1 for none."""
        rows = self.table.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def show_regions(self, regions: Regions, maxphyaddr: int) -> None:
        """Show the regions of a machine with so many address bits."""
        self.model.maxphyaddr = self.strip.maxphyaddr = maxphyaddr
        if regions != self.model.regions:
            self.model.show_regions(regions)
        self._say("")

    def add(self) -> None:
        """Add a region and let its name be typed."""
        found = self._made(lambda: add_region(self.regions, self.model.maxphyaddr))
        if found is not None and self.model.change(found[0]):
            self.table.selectRow(found[1])
            self.table.edit(self.model.index(found[1], NAME))

    def split(self) -> None:
        """Cut the selected region in two."""
        row = self.selected
        if row >= 0:
            found = self._made(lambda: split_region(self.regions, row))
            if found is not None and self.model.change(found):
                self.table.selectRow(row)

    def remove(self) -> None:
        """Remove the selected region."""
        row = self.selected
        if row >= 0 and self.model.change(remove_region(self.regions, row)):
            self.table.selectRow(min(row, len(self.regions) - 1))

    def _made(self, make: Callable[[], _Made]) -> _Made | None:
        """Return what is made, or say why it cannot be."""
        try:
            return make()
        except MtrrvizError as error:
            self._say(str(error))
            return None

    def _drag(self, regions: Regions) -> None:
        row = self.selected
        if self.model.change(regions):
            self.table.selectRow(row)

    def _show_strip(self) -> None:
        self.strip.show_regions(self.regions, self.selected)

    def _say(self, words: str) -> None:
        self.error.setText(sentence(words) if words else "")


class _KindDelegate(QStyledItemDelegate):
    """Lets a kind be chosen from a list."""

    def createEditor(
        self,
        parent: QWidget,
        _option: QStyleOptionViewItem,
        _index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        """Return a list of the kinds."""
        box = QComboBox(parent)
        box.addItems([kind.value for kind in RegionKind])
        box.activated.connect(lambda: self.commitData.emit(box))
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Show the kind as it is."""
        if isinstance(editor, QComboBox):
            editor.setCurrentText(str(index.data()))
