"""One event to add or to change: what, when, on which vCPU, what is written, and words on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.describe import describe
from mtrrviz.core.msr.registers import CR0_ID, register
from mtrrviz.core.units import format_gpa, parse_address
from mtrrviz.facts.event_words import KIND_MEANINGS, KIND_WORDS
from mtrrviz.facts.time_text import exact_text, parse_time_ns
from mtrrviz.gui.common.editing.item_dialog import ItemDialog, ItemEdits
from mtrrviz.gui.common.widgets import HexEdit
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
    from mtrrviz.scenario.model import Scenario


_EDITS = ItemEdits[Event]("event", "Add an event", edits.add_event, edits.change_event)


class EventDialog(ItemDialog[Event]):
    """Says at once what a value means, or why KVM would refuse it.

    Such a write can be made all the same: the guest sees #GP.
    """

    def __init__(
        self, bridge: Bridge, event: Event, index: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(bridge, _EDITS, event, index, parent)
        self._make_fields()
        self._lay_out()
        self._show(event)
        self._show_fields()
        self.kind.currentIndexChanged.connect(self._show_fields)
        meaning = partial(_meaning, self.scenario)
        self.begin(self.event_typed, meaning, lines=3, marked=self.value)

    def _make_fields(self) -> None:
        self.kind = QComboBox(self)
        self.kind.setObjectName("kind")
        for kind, words in KIND_WORDS.items():
            self.kind.addItem(words, kind)
        self.time = self.line(
            "time", tip="When it happens: 0.14 s, 850 ms, or +10 us from where it was"
        )
        self.vcpu = self.vcpu_field()
        self.register = QComboBox(self)
        self.register.setObjectName("register")
        for msr in KNOWN_MSRS:
            self.register.addItem(f"{register(msr).name}  ({msr:#x})", msr)
        self.value = HexEdit("Value", self)
        self.value.setObjectName("value")
        self.text = self.line("text")
        self.origin = self.line("origin", tip="Who does it: firmware, kernel, vmm, user, ...")

    def _lay_out(self) -> None:
        self.form.addRow("&Event", self.kind)
        self.form.addRow("&Time", self.time)
        self.form.addRow(f"v&{self._cpu}" if self._cpu == "CPU" else "v&CPU", self.vcpu)
        self.form.addRow("&Register", self.register)
        self.form.addRow("&Value", self.value)
        self.form.addRow("&Note", self.text)
        self.form.addRow("&Origin", self.origin)

    @property
    def _cpu(self) -> str:
        return self.scenario.machine.cpu_word

    def _show(self, event: Event) -> None:
        self.kind.setCurrentIndex(self.kind.findData(event.kind))
        self.time.setText(exact_text(event.time_ns))
        self.vcpu.setValue(event.vcpu)
        self.register.setCurrentIndex(max(self.register.findData(event.register), 0))
        self.value.setText(format_gpa(event.value))
        self.text.setText(event.text)
        self.origin.setText(event.origin)

    def _show_fields(self) -> None:
        """Show the fields that an event of this kind has."""
        kind = EventKind(self.kind.currentData())  # Qt keeps the word alone
        self.form.setRowVisible(self.vcpu, kind not in VM_KINDS)
        self.form.setRowVisible(self.register, kind in MSR_KINDS)
        self.form.setRowVisible(self.value, kind in REGISTER_KINDS)

    def showEvent(self, event: object) -> None:
        """Begin where an event of this kind has its content."""
        super().showEvent(event)  # type: ignore[arg-type]
        is_write = EventKind(self.kind.currentData()) in REGISTER_KINDS
        field = self.value if is_write else self.text
        if self.index is None:
            self.kind.setFocus()
        else:
            field.setFocus()
            field.selectAll()

    def event_typed(self) -> Event:
        """Return the event as typed; ValueError or MtrrvizError says what is wrong with it."""
        kind = EventKind(self.kind.currentData())  # Qt keeps the word alone
        return replace(
            self.item,
            time_ns=parse_time_ns(self.time.text(), self.item.time_ns),
            kind=kind,
            vcpu=0 if kind in VM_KINDS else self.vcpu.value(),
            register=self.register.currentData() if kind in MSR_KINDS else 0,
            value=parse_address(self.value.text()) if kind in REGISTER_KINDS else 0,
            text=self.text.text(),
            origin=self.origin.text(),
        )


def _meaning(scenario: Scenario, event: Event) -> str:
    """Say what an event does, and of a write that KVM refuses it where it does.

    MtrrvizError says that the scenario cannot have such an event.
    """
    edits.check_event(scenario, event)
    machine = scenario.machine
    if event.kind not in REGISTER_KINDS:
        return KIND_MEANINGS.get(event.kind, "")
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
