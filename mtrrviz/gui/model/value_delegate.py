"""The editor of a constant's value: the figures follow while it is typed, Esc takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemDelegate, QLineEdit, QStyledItemDelegate, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.tables.constant_rows import parse_value, value_text
from mtrrviz.gui.common.widgets import mark_wrong

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from mtrrviz.gui.model.constants_model import ConstantsModel
    from mtrrviz.session.document import Document
    from mtrrviz.sim.cost_model import CostEntry, CostModel

Index = QModelIndex | QPersistentModelIndex
#: What an arrow key turns a value up or down by.
_STEP = 1.1
_STEPS = {Qt.Key.Key_Up: _STEP, Qt.Key.Key_Down: 1 / _STEP}


class ConstantEdit(QLineEdit):
    """A number; the arrow keys turn it up and down by a tenth. ``typed`` carries the field."""

    typed = Signal(object)

    def __init__(self, entry: CostEntry, before: CostModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.entry = entry
        self.before = before
        self.setFrame(False)
        self.textEdited.connect(self._tell)
        self.setAccessibleName(f"Value of {entry.name} in {entry.constant.unit}")

    def value(self) -> float:
        """Return the number; MtrrvizError if there is none, or none in range."""
        return parse_value(self.text(), self.entry)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn the value on the arrow keys."""
        factor = _STEPS.get(Qt.Key(event.key()))
        if factor is None:
            super().keyPressEvent(event)
        else:
            self._turn(factor)

    def _turn(self, factor: float) -> None:
        try:
            value = self.value() or self.entry.default.value / _STEP**10
        except MtrrvizError:
            value = self.entry.default.value
        value = min(max(value * factor, self.entry.least), self.entry.most)
        self.setText(value_text(float(f"{value:.5g}")))
        self._tell()

    def _tell(self) -> None:
        self.typed.emit(self)

    def mark(self, problem: str) -> None:
        """Mark the field as wrong and say why; "" takes the mark away."""
        mark_wrong(self, problem)


class ValueDelegate(QStyledItemDelegate):
    """Makes the editors. ``problem`` carries what is wrong with what was typed, "" if nothing."""

    problem = Signal(str)

    def __init__(self, document: Document, model: ConstantsModel, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._model = model
        self.closeEditor.connect(self._closed)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return a field that changes the constant as it is typed in."""
        entry = self._model.constant(index.row()).entry
        if entry is None:
            return super().createEditor(parent, option, index)
        editor = ConstantEdit(entry, self._document.costs, parent)
        editor.typed.connect(self._try)
        self.problem.emit("")
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the value, unless that is what stands there already in other words."""
        row = self._model.constant(index.row())
        if not isinstance(editor, ConstantEdit) or row.entry is None:
            return
        try:
            same = bool(editor.text()) and editor.value() == row.entry.constant.value
        except MtrrvizError:
            return  # the user is in the middle of typing
        if not same:
            editor.setText(value_text(row.entry.constant.value))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take the value over; what is none leaves the last good one and is told."""
        del model, index
        if isinstance(editor, ConstantEdit):
            self._try(editor)

    def _try(self, editor: ConstantEdit) -> None:
        """Change the constant to what is typed, if it can be."""
        problem = ""
        try:
            values = {editor.entry.name: editor.value()}
        except MtrrvizError as error:
            problem = str(error)
        else:
            self._document.set_costs(self._document.costs.with_values(values))
        editor.mark(problem)
        self.problem.emit(problem)

    def _closed(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Take back what was typed if Esc was pressed."""
        if (
            isinstance(editor, ConstantEdit)
            and hint is QAbstractItemDelegate.EndEditHint.RevertModelCache
        ):
            self._document.set_costs(editor.before)
            self.problem.emit("")
