"""The detail editor: one register, or a pair, as hex, bits, fields and words, all in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.msr.describe import describe, describe_pair
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS, Field, register
from mtrrviz.core.wording.words import plural, sentence
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.gui.registers.bit_grid import BitGrid
from mtrrviz.gui.registers.editors import ValueEdit, Words
from mtrrviz.gui.registers.field_form import FieldForm
from mtrrviz.gui.registers.paint import hex_words
from mtrrviz.gui.registers.range_form import RangeForm
from mtrrviz.gui.registers.write_box import WriteBox
from mtrrviz.session.registers.register_draft import Draft, parse_register, read_as_words
from mtrrviz.session.registers.register_pairs import pair_notes
from mtrrviz.session.registers.register_view import free_pairs, short_name

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from mtrrviz.core.machine import Machine
    from mtrrviz.gui.shell.bridge import Bridge

_READOUT = "Click a bit, or press Space on it, to toggle it. Hatched bits are reserved."
_CR0_NOTE = "Only CD can be changed here. Clearing it clears NW too, because NW = 1 needs CD = 1."


class DetailEditor(QFrame):
    """Edits one row of the overview.

    The draft lives here until it is written; it is what every part shows. Whatever the user does
    makes a new draft, and all parts follow. Showing registers anew drops the draft.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._machine: Machine | None = None
        self._vcpu = 0
        self._msr = 0
        self._draft: Draft | None = None
        self._mistake = ""
        self._form: FieldForm | None = None
        self._shape: tuple[object, ...] = ()
        self._tab_from: QWidget | None = None
        self.setObjectName("panel")
        self.title = Dim("", self)
        self.title.setWordWrap(False)  # a second line would move all that is below
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.unwritten = Words("warning", self)
        self.range_form = RangeForm(bridge, self)
        self.tabs = QWidget(self)
        self._tab_buttons = QButtonGroup(self)
        self.hex = ValueEdit("Value in hex", self, None)
        self.read_as = Dim("", self)
        self.read_as.setWordWrap(False)
        self.refusal = Words("error", self)
        self.grid = BitGrid(bridge, self)
        self.readout = Dim(_READOUT, self)
        self._form_place = QVBoxLayout()
        self.meaning = Words("meaning", self)
        self.notes = Words("warning", self)
        self.remark = Words("dim", self)
        self.writer = WriteBox(bridge, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 10)
        column.setSpacing(6)
        tab_line = QHBoxLayout(self.tabs)
        tab_line.setContentsMargins(0, 0, 0, 0)
        tab_line.setSpacing(4)
        for index in (0, 1):
            button = QPushButton(self.tabs)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._tab_buttons.addButton(button, index)
            tab_line.addWidget(button)
        # Lines are kept for the readout, so that nothing below jumps while the mouse moves.
        self.readout.setMinimumHeight(2 * self.fontMetrics().height())
        self.readout.setAlignment(Qt.AlignmentFlag.AlignTop)
        # First what keeps its height: neither Write nor a field may move while one works.
        for part in (self.title, self.writer, self.range_form, self.tabs, self.hex, self.read_as):
            column.addWidget(part)
        for part in (self.grid, self.readout):
            column.addWidget(part)
        column.addLayout(self._form_place)
        for part in (self.refusal, self.unwritten, self.writer.preview):
            column.addWidget(part)
        for part in (self.meaning, self.notes, self.remark):
            column.addWidget(part)

    def _connect(self) -> None:
        self._tab_buttons.idClicked.connect(self._tab_clicked)
        self.hex.typed.connect(self._hex_typed)
        self.grid.toggled.connect(self._bit_toggled)
        self.grid.pointed.connect(self._point)
        self.range_form.drafted.connect(self._take)
        self.range_form.failed.connect(self._range_failed)
        for part in (self.hex, self.range_form):
            part.accepted.connect(self.writer.write)
            part.given_up.connect(self.revert)
        self.writer.reverted.connect(self.revert)

    # What is shown

    @property
    def draft(self) -> Draft | None:
        """The draft being edited; None before anything was shown."""
        return self._draft

    @property
    def msr(self) -> int:
        """The register whose hex value and bits are shown."""
        return self._msr

    def show_registers(self, machine: Machine, vcpu: int, msrs: tuple[int, ...]) -> None:
        """Show a vCPU's registers as they are; a draft of the same, unmoved values is kept.

        Call :meth:`revert` to drop the draft.
        """
        draft = Draft.of(machine, vcpu, msrs)
        kept = self._draft
        self._machine = machine
        is_same = kept is not None and kept.original == draft.original and vcpu == self._vcpu
        if is_same and kept is not None and kept.maxphyaddr == draft.maxphyaddr:
            self._say(kept)
            self._refresh_writer()
            return
        self._vcpu = vcpu
        if self._msr not in msrs:
            self._msr = msrs[0]
        self._restart(draft)

    def point_at(self, msr: int, field: str) -> None:
        """Show one of the registers at hand and frame a field of it ("" for none)."""
        if self._draft is None:
            return
        if msr in self._draft.values and msr != self._msr:
            self._show_tab(msr, self._draft)
        self.grid.point_at(field)

    def revert(self) -> None:
        """Drop the draft: everything shows what the machine holds."""
        if self._draft is None or self._machine is None:
            return
        if self._draft.is_changed or self._mistake:
            self._restart(Draft.of(self._machine, self._vcpu, tuple(self._draft.values)))

    def _restart(self, draft: Draft) -> None:
        """Show a fresh draft in every part, whatever the user had typed."""
        self._draft = draft
        self._mistake = ""
        shape = (self._msr, tuple(draft.values), draft.maxphyaddr)
        if shape != self._shape:
            self._shape = shape
            self._show_register()
        self._take(draft)

    def _show_register(self) -> None:
        """Set up the parts that depend on which register is in view."""
        draft = self._draft
        if draft is None:
            return
        reg = register(self._msr)
        is_pair = len(draft.values) == 2
        number = "" if self._msr == CR0_ID else f" · {self._msr:#x}"
        what = f"Variable range {reg.index}" if is_pair else reg.title
        self.title.setText(f"{what}{number} · SDM {reg.section}")
        self.title.setToolTip(plain_tip(self.title.text()))
        self.range_form.setVisible(is_pair)
        self.tabs.setVisible(is_pair)
        for button, msr in zip(self._tab_buttons.buttons(), draft.values, strict=False):
            button.setText(short_name(msr))
            button.setToolTip(plain_tip(f"{register(msr).title} ({msr:#x})"))
            button.setChecked(msr == self._msr)
        self.hex.setAccessibleName(f"{reg.name} in hex")
        self.hex.setReadOnly(not reg.is_writable or self._msr == CR0_ID)
        self._point("")
        self._replace_form(draft)

    def order_focus(self, after: QWidget) -> None:
        """Let Tab come here from ``after`` and go through the parts from top to bottom."""
        self._tab_from = after
        before = after
        for part in self.focus_order():
            QWidget.setTabOrder(before, part)
            before = part

    def focus_order(self) -> list[QWidget]:
        """Return what takes the keyboard, in the order of the work: Write comes last."""
        form = self.range_form
        writer = self.writer
        return [
            *(form.base_edit, form.size_edit, form.type_combo, form.valid),
            *self._tab_buttons.buttons(),
            *(self.hex, self.grid),
            *(self._form.editors if self._form is not None else ()),
            *(writer.target, writer.revert_button, writer.write_button),
        ]

    def _replace_form(self, draft: Draft) -> None:
        """Make the field editors of the register in view."""
        if self._form is not None:
            self._form_place.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        if not register(self._msr).is_writable:
            return
        self._form = FieldForm(self._bridge, self._msr, draft, self)
        self._form.changed.connect(self._field_changed)
        self._form.filled.connect(self._filled)
        self._form.failed.connect(self._fail)
        self._form.pointed.connect(self._point)
        self._form_place.addWidget(self._form)
        self._form.show()
        if self._tab_from is not None:
            self.order_focus(self._tab_from)

    # What the user does

    def _point(self, words: str) -> None:
        """Say what the user points at; with nothing, how the bits are used."""
        is_writable = self._msr in REGISTERS and register(self._msr).is_writable
        self.readout.setText(words or (_READOUT if is_writable else ""))

    def _tab_clicked(self, index: int) -> None:
        if self._draft is not None:
            self._show_tab(tuple(self._draft.values)[index], self._draft)

    def _show_tab(self, msr: int, draft: Draft) -> None:
        """Show the other register of a pair."""
        self._msr = msr
        self._shape = (msr, tuple(draft.values), draft.maxphyaddr)
        self._show_register()
        self._take(draft)

    def _hex_typed(self, text: str) -> None:
        if self._draft is None:
            return
        try:
            value = parse_register(text)
        except ValueError as error:
            self.hex.show_error(str(error))
            self._show_unknown()
            self._fail(str(error))
            return
        self.hex.keep(value)
        self.read_as.setText(read_as_words(text))
        self._take(self._draft.with_value(self._msr, value))

    def _show_unknown(self) -> None:
        """Show no bits, fields or meaning: those of the last value would not be what is typed."""
        self.read_as.setText("")
        self.grid.show_unknown()
        if self._form is not None:
            self._form.setEnabled(False)
        for line in (self.meaning, self.notes, self.unwritten):
            line.say("")

    def _bit_toggled(self, bit: int) -> None:
        if self._draft is not None:
            self._take(self._draft.with_bit_toggled(self._msr, bit))

    def _field_changed(self, field: Field, part: int) -> None:
        if self._draft is not None:
            self._take(self._draft.with_field(self._msr, field, part))

    def _filled(self, code: int) -> None:
        if self._draft is not None:
            value = int.from_bytes(bytes([code]) * 8, "little")
            self._take(self._draft.with_value(self._msr, value))

    def _range_failed(self) -> None:
        """Show the machine's pair elsewhere meanwhile, not the last text that made sense."""
        if self._draft is None:
            return
        self._take(replace(self._draft, values=self._draft.original), in_range_form=False)
        self._fail(self.range_form.error.text(), is_said=True)

    # Following the draft

    def _fail(self, mistake: str, *, is_said: bool = False) -> None:
        """Forbid writing while something typed makes no value; ``is_said`` if shown elsewhere."""
        self._mistake = mistake
        self.refusal.say("" if is_said else sentence(mistake))
        self._refresh_writer()

    def _take(self, draft: Draft, *, in_range_form: bool = True) -> None:
        """Make ``draft`` the draft, and let every part show it."""
        self._draft = draft
        self._mistake = ""
        value = draft.values[self._msr]
        if not self.hex.means(value):
            self.read_as.setText("")
        self.hex.show_value(value, hex_words(value))
        self.hex.show_error(draft.refusal(self._msr))
        self.grid.show_draft(draft, self._msr)
        if self._form is not None:
            self._form.setEnabled(True)
            self._form.show_draft(draft)
        if len(draft.values) == 2 and in_range_form:
            self.range_form.show_draft(draft)
        self.refusal.say("\n".join(draft.refusals.values()))
        self._say(draft)
        self._refresh_writer()

    def _say(self, draft: Draft) -> None:
        """Put the draft into words."""
        names = ", ".join(short_name(msr) for msr in draft.changed_msrs)
        self.unwritten.say(f"Not yet written: {names}" if names else "")
        if len(draft.values) == 2:
            base, mask = draft.values.values()
            words = describe_pair(base, mask, draft.maxphyaddr)
        else:
            words = describe(self._msr, draft.values[self._msr], draft.maxphyaddr)
        self.meaning.say(words)
        self.notes.say("\n".join(self._pair_notes(draft)))
        self.remark.say(self._remark(draft))

    def _pair_notes(self, draft: Draft) -> list[str]:
        if len(draft.values) != 2 or self._machine is None:
            return []
        return pair_notes(self._machine, self._vcpu, draft, register(self._msr).index)

    def _remark(self, draft: Draft) -> str:
        """Return what is worth knowing about this kind of register."""
        if self._msr == CR0_ID:
            return _CR0_NOTE
        if not register(self._msr).is_writable:
            return "Read only: a write is refused with #GP."
        if len(draft.values) == 2 and self._machine is not None:
            state = self._machine.mtrr(self._vcpu)
            cpu = self._bridge.document.scenario.machine.cpu_word
            return (
                f"{free_pairs(state)} of {plural(state.pairs, 'pair')} free on {cpu} {self._vcpu}"
            )
        return ""

    def _refresh_writer(self) -> None:
        if self._draft is None or self._machine is None:
            return
        error = self._mistake or "\n".join(self._draft.refusals.values())
        self.writer.setVisible(register(self._msr).is_writable)
        if register(self._msr).is_writable:
            self.writer.show_draft(self._machine, self._vcpu, self._draft, self._msr, error)
        else:
            self.writer.preview.say("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Write on Ctrl+Return from anywhere in the editor."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.writer.write()
        else:
            super().keyPressEvent(event)
