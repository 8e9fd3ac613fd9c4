"""The wanted map as a list: ranges to type, split and remove, and where the map starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
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

from mtrrviz.analysis.solve import WantedRange
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.units import PAGE_SHIFT, parse_address, parse_size, size_reading
from mtrrviz.core.wording.words import sentence
from mtrrviz.gui.common.widgets import mono_font, plain_table, push_button
from mtrrviz.gui.registers.editors import TypeCombo, ValueEdit, Words
from mtrrviz.gui.solve.wanted_model import TYPE, WantedModel
from mtrrviz.session.selection import Selection
from mtrrviz.session.wanted.wanted_edits import lay_range, remove_ranges, split_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QAbstractItemModel
    from PySide6.QtGui import QKeyEvent

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.wanted.wanted_edits import WantedEdit

_CODES = bytes(MEMORY_TYPES)
_TRIGGERS = QAbstractItemView.EditTrigger


class WantedList(QWidget):
    """The ranges as a table whose cells can be typed into, and a line for a new one.

    Selecting a range outlines it on the map.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = WantedModel(bridge, mono_font(self), self)
        self.table = plain_table(self.model, "Wanted ranges", self)
        self.table.setFont(mono_font(self.table))
        self.table.setEditTriggers(_TRIGGERS.DoubleClicked | _TRIGGERS.EditKeyPressed)
        self.table.setItemDelegateForColumn(TYPE, _TypeDelegate(self.table))
        self.table.setMinimumHeight(60)
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(TYPE, QHeaderView.ResizeMode.Stretch)
        self.error = Words("error", self)
        self.start_edit = ValueEdit("First address of a new range", self)
        self.size_edit = ValueEdit("Size of a new range", self, size_reading)
        self.type_combo = TypeCombo(bridge, "Type of a new range", _CODES, pat=False, parent=self)
        self.add_button = push_button("Add", "Add the range, over what is there", self.add, self)
        self.split_button = push_button(
            "&Split", "Split the selected range in half", self.split, self
        )
        self.remove_button = push_button("Rem&ove", "Remove the selected ranges", self.remove, self)
        self._lay_out()
        self.model.refused.connect(self._say)
        self.model.modelReset.connect(self._show_buttons)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        for field in (self.start_edit, self.size_edit):
            field.accepted.connect(self.add)
            field.given_up.connect(self.table.setFocus)
        self._show_buttons()

    def _lay_out(self) -> None:
        self.start_edit.setPlaceholderText("e.g. 0x8000_0000")
        self.size_edit.setPlaceholderText("e.g. 512 MiB")
        self.type_combo.setMinimumWidth(66)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.start_edit, 3)
        row.addWidget(self.size_edit, 2)
        row.addWidget(self.type_combo, 1)
        row.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        column.addWidget(self.error)
        column.addLayout(row)

    # Edits

    def add(self) -> None:
        """Add the range typed, or say what is wrong with it."""
        field = self.start_edit
        try:
            start = parse_address(self.start_edit.text())
            field = self.size_edit
            size = parse_size(self.size_edit.text())
        except ValueError as error:
            field.show_error(str(error))
            self._say(str(error))
            field.setFocus()
            return
        field.show_error("")
        self.start_edit.show_error("")
        new = WantedRange(start, start + size, MemoryType(self.type_combo.currentData()))
        width = self._bridge.document.scenario.machine.maxphyaddr
        self._make(lambda: lay_range(self._bridge.document.wanted, new, width))

    def split(self) -> None:
        """Cut the current range in two."""
        rows = self.selected_rows
        if len(rows) == 1:
            self._make(lambda: split_range(self._bridge.document.wanted, rows[0]))

    def remove(self) -> None:
        """Remove the selected ranges."""
        rows = self.selected_rows
        if rows:
            self._make(lambda: remove_ranges(self._bridge.document.wanted, rows))
            self.table.selectRow(min(rows[0], self.model.rowCount() - 1))

    def _make(self, make: Callable[[], WantedEdit]) -> None:
        """Make an edit, or say in place why it cannot be."""
        try:
            edit = make()
        except MtrrvizError as error:
            self._say(str(error))
            return
        self._say("")
        self._bridge.document.want(edit)

    def _say(self, words: str) -> None:
        self.error.say(sentence(words) if words else "")

    @property
    def selected_rows(self) -> list[int]:
        """The numbers of the selected ranges."""
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def _selected(self) -> None:
        """Outline the selected range on the map."""
        self._show_buttons()
        rows = self.selected_rows
        if len(rows) == 1:
            one = self.model.ranges[rows[0]]
            gfns = (one.start >> PAGE_SHIFT, one.end >> PAGE_SHIFT)
            self._bridge.document.point_at(Selection(gfns=gfns))

    def _show_buttons(self) -> None:
        count = len(self.selected_rows)
        self.split_button.setEnabled(count == 1)
        self.remove_button.setEnabled(count > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove the selected ranges on Delete."""
        if event.key() == Qt.Key.Key_Delete and self.table.hasFocus():
            self.remove()
        else:
            super().keyPressEvent(event)


class _TypeDelegate(QStyledItemDelegate):
    """Chooses a type in its cell."""

    def createEditor(
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        """Return a combo box of the types; choosing one is the edit."""
        del option
        box = QComboBox(parent)
        box.setAccessibleName("Type of the range")
        box.addItems([kind.name for kind in MEMORY_TYPES])
        box.setCurrentText(index.data())

        def choose() -> None:
            self.commitData.emit(box)
            self.closeEditor.emit(box)

        box.activated.connect(choose)
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Show the cell's type."""
        if isinstance(editor, QComboBox):
            editor.setCurrentText(index.data())

    def setModelData(
        self,
        editor: QWidget,
        model: QAbstractItemModel,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Take the chosen type."""
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())
