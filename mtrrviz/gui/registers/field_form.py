"""The fields of one register, each with the editor that suits it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.core.msr.register_rules import allowed_codes
from mtrrviz.core.msr.registers import Field, Register, register
from mtrrviz.core.units import format_gpa, parse_address
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.gui.registers.editors import FlagBox, TypeCombo, ValueEdit
from mtrrviz.gui.registers.paint import is_pat, type_label
from mtrrviz.session.registers.register_draft import Draft, address_part

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge


class FieldForm(QWidget):
    """Editors for the fields of one register, in step with a draft.

    ``changed`` carries the field and its new part of the value; ``filled`` a type for all fields;
    ``failed`` what is wrong with a text; ``pointed`` words about the field in hand.
    """

    changed = Signal(object, object)
    filled = Signal(int)
    failed = Signal(str)
    pointed = Signal(str)

    def __init__(
        self, bridge: Bridge, msr: int, draft: Draft, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._reg = register(msr)
        self._editors: list[tuple[Field, QWidget]] = []
        self._fill_buttons: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._build(draft)
        self.show_draft(draft)

    @property
    def editors(self) -> list[QWidget]:
        """What takes the keyboard, from top to bottom."""
        return [editor for _, editor in self._editors] + self._fill_buttons

    def _build(self, draft: Draft) -> None:
        fields = shown_fields(self._reg, draft)
        # Eight types go into two columns, lowest address first down the left one.
        rows = 4 if len(fields) == 8 else len(fields)
        for place, field in enumerate(fields):
            self._add(field, place % rows, 2 * (place // rows), draft)
        self._grid.setColumnStretch(1, 1)
        if len(fields) == 8:
            self._grid.setColumnStretch(3, 1)
        if self._reg.kind == "fixed":
            self._add_fill_buttons(rows)

    def _add(self, field: Field, row: int, column: int, draft: Draft) -> None:
        editor = self._editor(field, draft)
        meaning = f"{field.name}, bits {field.bits}: {field.meaning}"
        editor.setToolTip(plain_tip(f"{meaning}\nSDM vol. 3A {field.section}"))
        editor.installEventFilter(self)
        label = Dim(field.meaning if field.kind == "flag" else self._label(field), self)
        if isinstance(editor, FlagBox):
            self._grid.addWidget(editor, row, column)
            self._grid.addWidget(label, row, column + 1)
        else:
            label.setWordWrap(False)
            label.setBuddy(editor)
            self._grid.addWidget(label, row, column)
            self._grid.addWidget(editor, row, column + 1)
        self._editors.append((field, editor))

    def _label(self, field: Field) -> str:
        return format_gpa(int(field.name, 16)) if self._reg.kind == "fixed" else field.name

    def _editor(self, field: Field, draft: Draft) -> QWidget:
        """Return the editor of a field, by kind."""
        name = f"{self._reg.name} {field.name}"
        if field.kind == "type":
            combo = TypeCombo(
                self._bridge, name, allowed_codes(self._reg), pat=is_pat(self._reg), parent=self
            )
            combo.chosen.connect(partial(self.changed.emit, field))
            return combo
        if field.kind == "flag":
            locked = bool(draft.locked_bits(self._reg.msr) & field.mask)
            return self._flag(field, name, locked=locked)
        edit = ValueEdit(name, self)
        edit.setReadOnly(field.kind == "count")
        edit.typed.connect(partial(self._typed, field, edit))
        return edit

    def _flag(self, field: Field, name: str, *, locked: bool) -> QWidget:
        box = FlagBox(field.name, self)
        box.setAccessibleName(name)
        box.setAccessibleDescription(field.meaning)
        box.setEnabled(not locked)
        box.set_by_user.connect(partial(self.changed.emit, field))
        return box

    def _add_fill_buttons(self, row: int) -> None:
        """Add one button a type that sets all eight sub-ranges."""
        line = QGridLayout()
        line.setSpacing(4)
        line.addWidget(Dim("All", self), 0, 0)
        for column, kind in enumerate(MEMORY_TYPES):
            button = QPushButton(kind.name, self)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.setAccessibleName(f"Set all eight sub-ranges to {kind.name}")
            button.setMinimumWidth(30)
            button.setStyleSheet("padding: 3px 2px;")
            button.clicked.connect(partial(self.filled.emit, int(kind)))
            line.addWidget(button, 0, 1 + column)
            self._fill_buttons.append(button)
            line.setColumnStretch(1 + column, 1)
        self._grid.addLayout(line, row, 0, 1, 4)

    def _typed(self, field: Field, edit: ValueEdit, text: str) -> None:
        """Take over an address once it makes sense; else say what is wrong with it."""
        try:
            address = parse_address(text)
            part = address_part(field, address)
        except ValueError as error:
            edit.show_error(str(error))
            self.failed.emit(f"{field.name}: {error}")
            return
        edit.keep(address)
        self.changed.emit(field, part)

    def show_draft(self, draft: Draft) -> None:
        """Show the draft's value in every editor that does not show it already."""
        value = draft.values[self._reg.msr]
        for field, editor in self._editors:
            part = field.extract(value)
            if isinstance(editor, TypeCombo):
                editor.show_code(part)
            elif isinstance(editor, FlagBox):
                editor.setChecked(bool(part))
            elif isinstance(editor, ValueEdit) and field.kind == "count":
                editor.show_value(part, str(part))
            elif isinstance(editor, ValueEdit):
                editor.show_value(part << field.low, format_gpa(part << field.low))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say what a field means when the keyboard or the mouse comes to it."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter):
            for field, editor in self._editors:
                if editor is watched:
                    self.pointed.emit(field_words(self._reg, field))
        return super().eventFilter(watched, event)


def shown_fields(reg: Register, draft: Draft) -> list[Field]:
    """Return the fields to edit: all but reserved ones, and of CR0 only what can be changed."""
    fields = [field for field in reg.fields_at(draft.maxphyaddr) if field.kind != "reserved"]
    if reg.kind == "cr0":
        return [field for field in fields if not draft.locked_bits(reg.msr) & field.mask]
    return fields


def field_words(reg: Register, field: Field) -> str:
    """Return a field's name, bits, meaning, choices and section in one line."""
    choices = ""
    if field.kind == "type":
        labels = (type_label(code, pat=is_pat(reg)) for code in allowed_codes(reg))
        choices = f" ({', '.join(labels)})"
    return f"{field.name} ({field.bits}): {field.meaning}{choices} · SDM {field.section}"
