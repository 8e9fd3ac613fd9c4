"""One event to add or to change: what, when, on which vCPU, what is written, and words on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.describe import describe
from mtrrviz.core.msr.registers import CR0_ID, register
from mtrrviz.core.units import format_gpa, parse_address
from mtrrviz.facts.event_words import KIND_WORDS
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.gui.common.ask_time import seconds_text
from mtrrviz.gui.common.widgets import Dim, HexEdit
from mtrrviz.scenario.events import (
    KNOWN_MSRS,
    MSR_KINDS,
    REGISTER_KINDS,
    VM_KINDS,
    Event,
    EventKind,
)
from mtrrviz.scenario.model import USER
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.machine_spec import MachineSpec


class EventDialog(QDialog):
    """Adds ``event``, or with ``index`` changes the event there. OK makes one edit.

    It says at once what a value means, or why KVM would refuse it: such a write can be made, and
    the guest sees #GP.
    """

    def __init__(
        self, bridge: Bridge, event: Event, index: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._event, self._index = event, index
        self.setWindowTitle("Add an event" if index is None else "Change the event")
        self._make_fields()
        self.words = Dim()
        self.words.setObjectName("event_words")
        self.words.setMinimumHeight(3 * self.fontMetrics().height())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = self._make_buttons("Add" if index is None else "Change")
        self._lay_out()
        self._show(event)
        self._connect()
        self._kind_changed()
        self.resize(self.fontMetrics().averageCharWidth() * 64, self.sizeHint().height())

    def _make_fields(self) -> None:
        self.kind = QComboBox(self)
        self.kind.setObjectName("kind")
        for kind, words in KIND_WORDS.items():
            self.kind.addItem(words, kind)
        self.time = QLineEdit(self)
        self.time.setObjectName("time")
        self.time.setToolTip("When it happens: 0.14 s, 850 ms, or +10 us from where it was")
        self.vcpu = QSpinBox(self)
        self.vcpu.setObjectName("vcpu")
        self.vcpu.setRange(0, self._scenario.machine.vcpus - 1)
        self.register = QComboBox(self)
        self.register.setObjectName("register")
        for msr in KNOWN_MSRS:
            self.register.addItem(f"{register(msr).name}  ({msr:#x})", msr)
        self.value = HexEdit("Value", self)
        self.value.setObjectName("value")
        self.text = QLineEdit(self)
        self.text.setObjectName("text")
        self.origin = QLineEdit(self)
        self.origin.setObjectName("origin")
        self.origin.setToolTip("Who does it: firmware, kernel, vmm, user, ...")

    def _make_buttons(self, words: str) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, self)
        buttons.button(kinds.Ok).setText(words)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        self._form.addRow("&Event", self.kind)
        self._form.addRow("&Time", self.time)
        self._form.addRow(f"v&{self._cpu}" if self._cpu == "CPU" else "v&CPU", self.vcpu)
        self._form.addRow("&Register", self.register)
        self._form.addRow("&Value", self.value)
        self._form.addRow("&Note", self.text)
        self._form.addRow("&Origin", self.origin)
        column = QVBoxLayout(self)
        column.addLayout(self._form)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.buttons)

    @property
    def _cpu(self) -> str:
        return self._scenario.machine.cpu_word

    def _show(self, event: Event) -> None:
        self.kind.setCurrentIndex(self.kind.findData(event.kind))
        self.time.setText(seconds_text(event.time_ns))
        self.vcpu.setValue(event.vcpu)
        self.register.setCurrentIndex(max(self.register.findData(event.register), 0))
        self.value.setText(format_gpa(event.value))
        self.text.setText(event.text)
        self.origin.setText(event.origin)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.register.currentIndexChanged.connect(self._check)
        self.vcpu.valueChanged.connect(self._check)
        for field in (self.time, self.value, self.text, self.origin):
            field.textChanged.connect(self._check)

    def _kind_changed(self) -> None:
        """Show the fields that an event of this kind has."""
        kind = EventKind(self.kind.currentData())  # Qt keeps the word alone
        self._form.setRowVisible(self.vcpu, kind not in VM_KINDS)
        self._form.setRowVisible(self.register, kind in MSR_KINDS)
        self._form.setRowVisible(self.value, kind in REGISTER_KINDS)
        self._check()

    def showEvent(self, event: object) -> None:
        """Begin where an event of this kind has its content."""
        super().showEvent(event)  # type: ignore[arg-type]
        is_write = EventKind(self.kind.currentData()) in REGISTER_KINDS
        field = self.value if is_write else self.text
        if self._index is None:
            self.kind.setFocus()
        else:
            field.setFocus()
            field.selectAll()

    def event_typed(self) -> Event:
        """Return the event as typed; ValueError or MtrrvizError says what is wrong with it."""
        kind = EventKind(self.kind.currentData())  # Qt keeps the word alone
        return replace(
            self._event,
            time_ns=parse_time_ns(self.time.text(), self._event.time_ns),
            kind=kind,
            vcpu=0 if kind in VM_KINDS else self.vcpu.value(),
            register=self.register.currentData() if kind in MSR_KINDS else 0,
            value=parse_address(self.value.text()) if kind in REGISTER_KINDS else 0,
            text=self.text.text(),
            origin=self.origin.text(),
        )

    def _check(self) -> None:
        """Say what the event does, or what is wrong with what was typed."""
        try:
            event = self.event_typed()
            words = _meaning(self._scenario.machine, event)
        except (MtrrvizError, ValueError) as error:
            self._say(str(error), wrong=True)
        else:
            self._say(words, wrong=False)

    def _say(self, words: str, *, wrong: bool) -> None:
        self.words.setText(words)
        self.value.show_error(words if wrong and self.value.isVisible() else "")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not wrong)

    def accept(self) -> None:
        """Make the edit, if the scenario is still the one that was asked about."""
        scenario, event, index = self._scenario, self.event_typed(), self._index
        if self._bridge.document.scenario is not scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was written")
        elif index is None:
            self._bridge.edit(lambda: edits.add_event(scenario, event))
        elif event != self._event:
            self._bridge.edit(lambda: edits.change_event(scenario, index, event))
        super().accept()


def _meaning(machine: MachineSpec, event: Event) -> str:
    """Say what a write means, and that KVM refuses it where it does."""
    if event.kind not in REGISTER_KINDS:
        return ""
    number = event.register if event.writes_msr else CR0_ID
    try:
        machine.check_write(number, event.value)
    except MtrrvizError as error:
        return f"Refused with #GP: {error}"
    return describe(number, event.value, machine.maxphyaddr)


def new_event(
    bridge: Bridge, parent: QWidget | None = None, time_ns: int | None = None
) -> EventDialog:
    """Return a dialog that adds a write of the selected vCPU's default type.

    It happens at ``time_ns``, None at the playhead.
    """
    document = bridge.document
    time_ns = document.playhead_ns if time_ns is None else time_ns
    state = document.state
    msr = 0x2FF
    value = 0 if state is None else state.machine.read_msr(document.vcpu, msr)
    kind = next(iter(KIND_WORDS))
    event = Event(time_ns, kind, document.vcpu, msr, value, USER)
    return EventDialog(bridge, event, None, parent)
