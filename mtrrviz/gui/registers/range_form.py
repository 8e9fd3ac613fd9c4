"""The range form of a variable pair: base, size and type in, PHYSBASE and PHYSMASK out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from mtrrviz.core.memtype import MTRR_TYPE_CODES, MemoryType
from mtrrviz.core.msr.registers import VALID_BIT
from mtrrviz.core.units import format_gpa, format_size, parse_address, parse_size, size_reading
from mtrrviz.core.variable_ranges import pair_to_range
from mtrrviz.core.wording.words import sentence
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.registers.editors import FlagBox, TypeCombo, ValueEdit, Words

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.registers.register_draft import Draft


class RangeForm(QWidget):
    """Edits a pair as a range. ``drafted`` carries the new draft, ``failed`` that there is none.

    Typing a range puts the pair in use; clearing V leaves the rest of the pair as it is.
    """

    drafted = Signal(object)
    failed = Signal()
    accepted = Signal()
    given_up = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._draft: Draft | None = None
        codes = bytes(sorted(MTRR_TYPE_CODES))
        self.base_edit = ValueEdit("Base address of the range", self)
        self.size_edit = ValueEdit("Size of the range", self, size_reading)
        self.type_combo = TypeCombo(bridge, "Type of the range", codes, pat=False, parent=self)
        self.valid = FlagBox("in use (V)", self)
        self.error = Words("error", self)
        self.base_edit.setPlaceholderText("e.g. 0x8000_0000")
        self.size_edit.setPlaceholderText("e.g. 2 GiB")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        places = (
            ("Base", self.base_edit, 0),
            ("Size", self.size_edit, 1),
            ("Type", self.type_combo, 2),
        )
        for text, editor, row in places:
            label = Label(text, self)
            label.setObjectName("dim")
            label.setBuddy(editor)
            grid.addWidget(label, row, 0)
            grid.addWidget(editor, row, 1, 1, 2 if row < 2 else 1)
        grid.addWidget(self.valid, 2, 2)
        grid.addWidget(self.error, 3, 0, 1, 3)
        grid.setColumnStretch(1, 1)

    def _connect(self) -> None:
        for edit in (self.base_edit, self.size_edit):
            edit.typed.connect(self._edited)
            edit.accepted.connect(self.accepted)
            edit.given_up.connect(self.given_up)
        self.type_combo.chosen.connect(self._edited)
        self.valid.set_by_user.connect(self._valid_clicked)

    def show_draft(self, draft: Draft) -> None:
        """Show the range of a draft; an unused, empty pair shows empty fields."""
        self._draft = draft
        base, mask = draft.values.values()
        self.valid.setChecked(bool(mask & VALID_BIT))
        self.type_combo.show_code(base & 0xFF)
        if draft.refusals:
            return
        self.error.say("")
        span = pair_to_range(base, mask, draft.maxphyaddr)
        if not mask and not base:
            self.base_edit.show_value(None, "")
            self.size_edit.show_value(None, "")
            return
        self.base_edit.show_value(span.start, format_gpa(span.start))
        self.size_edit.show_value(span.size_bytes, format_size(span.size_bytes, exact=True))

    def _edited(self) -> None:
        """Make a pair of what the three editors say, or say why there is none."""
        if self._draft is None:
            return
        edit = self.base_edit
        try:
            base = parse_address(self.base_edit.text())
            edit = self.size_edit
            size_bytes = parse_size(self.size_edit.text())
            kind = MemoryType(self.type_combo.currentData() or 0)
            draft = self._draft.with_range(base, size_bytes, kind)
        except ValueError as error:
            self._show_failure(edit, error)
            return
        self.base_edit.keep(base)
        self.size_edit.keep(size_bytes)
        self.error.say("")
        self.drafted.emit(draft)

    def _show_failure(self, edit: ValueEdit, error: ValueError) -> None:
        unfinished = not self.base_edit.text().strip() or not self.size_edit.text().strip()
        text = "Give base and size." if unfinished else sentence(str(error))
        self.base_edit.show_error("")
        self.size_edit.show_error("")
        edit.show_error(text)
        self.error.say(text)
        self.failed.emit()

    def _valid_clicked(self, is_valid: int) -> None:
        if self._draft is None:
            return
        _, msr = self._draft.values
        mask = self._draft.values[msr]
        self.drafted.emit(
            self._draft.with_value(msr, mask | VALID_BIT if is_valid else mask & ~VALID_BIT)
        )
