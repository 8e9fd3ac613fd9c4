"""One condition to stop at, to add or to change: its kind, and the fields that the kind has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QWidget

from mtrrviz.analysis.stops import stop_words
from mtrrviz.core.msr.registers import CR0_ID, register
from mtrrviz.core.units import size_reading
from mtrrviz.gui.common.editing.item_dialog import ItemDialog, ItemEdits
from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.gui.common.widgets import HexEdit
from mtrrviz.scenario.events import KNOWN_MSRS
from mtrrviz.scenario.stop_condition import (
    LIMIT_KINDS,
    RANGE_KINDS,
    VCPU_KINDS,
    StopCondition,
    StopKind,
)
from mtrrviz.session import edits
from mtrrviz.session.forms.typed_stop import TypedStop, typed

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

#: What the kinds are called in the list of the form.
KIND_WORDS = {
    StopKind.WRITE: "A register is written",
    StopKind.TYPE: "The memory type of a page changes",
    StopKind.FAULT: "A page is faulted in",
    StopKind.ZAP: "A leaf is zapped",
    StopKind.STALE: "A leaf becomes stale",
    StopKind.VCPUS_DIFFER: "vCPUs begin or cease to differ",
    StopKind.POLICIES_DIFFER: "The EPTs of the two policies begin to differ",
    StopKind.ZAPS_EXCEED: "There are more zaps than a number",
    StopKind.CYCLES_EXCEED: "Zaps took more cycles than a number",
    StopKind.PHASE: "A phase begins",
    StopKind.NOTE: "A note is reached",
}
_MOST = 1e12
_EDITS = ItemEdits[StopCondition]("stop", "Add a stop", edits.add_stop, edits.change_stop)


class StopDialog(ItemDialog[StopCondition]):
    """Shows the fields that a condition of the chosen kind has, and says when it will stop."""

    def __init__(
        self,
        bridge: Bridge,
        stop: StopCondition,
        index: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(bridge, _EDITS, stop, index, parent)
        self._make_fields()
        self._lay_out()
        self._show(typed(stop))
        self._show_fields()
        self.kind.currentIndexChanged.connect(self._show_fields)
        self.begin(
            self.stop_typed,
            lambda stop: f"Playing stops when {stop_words(stop)}.",
            lines=2,
            marked=self.start,
        )

    def _make_fields(self) -> None:
        self.kind = self._choice("kind", [(words, kind) for kind, words in KIND_WORDS.items()])
        vcpus = range(self.scenario.machine.vcpus)
        self.vcpu = self._choice("vcpu", [("any", None), *((f"vCPU {i}", i) for i in vcpus)])
        msrs = ((f"{register(msr).name}  ({msr:#x})", msr) for msr in KNOWN_MSRS)
        cr0 = (register(CR0_ID).name, CR0_ID)
        self.register = self._choice("register", [("any", None), *msrs, cr0])
        phases = dict.fromkeys(phase.name for phase in self.scenario.phases)
        phases |= {self.item.phase: None} if self.item.phase else {}
        self.phase = self._choice("phase", [("any", ""), *((name, name) for name in phases)])
        self.start = HexEdit("Address", self)
        self.start.setObjectName("start")
        self.size_field = HexEdit("Size", self, size_reading)
        self.size_field.setObjectName("size")
        self.limit = QDoubleSpinBox(self)
        self.limit.setObjectName("limit")
        self.limit.setRange(0, _MOST)
        self.limit.setGroupSeparatorShown(True)

    def _choice(self, name: str, choices: list[tuple[str, object]]) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        for words, data in choices:
            box.addItem(menu_text(words), data)
        return box

    def _lay_out(self) -> None:
        self.form.addRow("Stop &when", self.kind)
        self.form.addRow("&Register", self.register)
        self.form.addRow("v&CPU", self.vcpu)
        self.form.addRow("&Address", self.start)
        self.form.addRow("&Size", self.size_field)
        self.form.addRow("&More than", self.limit)
        self.form.addRow("&Phase", self.phase)

    def _show(self, fields: TypedStop) -> None:
        for box, data in (
            (self.kind, fields.kind),
            (self.vcpu, fields.vcpu),
            (self.register, fields.register),
            (self.phase, fields.phase),
        ):
            box.setCurrentIndex(box.findData(data))
        self.start.setText(fields.start)
        self.size_field.setText(fields.size)
        self.limit.setValue(fields.limit or 0)

    def _show_fields(self) -> None:
        """Show the fields that a condition of this kind has."""
        kind = StopKind(self.kind.currentData())  # Qt keeps the word alone
        self.form.setRowVisible(self.register, kind is StopKind.WRITE)
        self.form.setRowVisible(self.vcpu, kind in VCPU_KINDS)
        self.form.setRowVisible(self.start, kind in RANGE_KINDS)
        self.form.setRowVisible(self.size_field, kind in RANGE_KINDS)
        self.form.setRowVisible(self.limit, kind in LIMIT_KINDS)
        self.form.setRowVisible(self.phase, kind is StopKind.PHASE)
        self.limit.setDecimals(0 if kind is StopKind.ZAPS_EXCEED else 3)
        self.limit.setSuffix(" zaps" if kind is StopKind.ZAPS_EXCEED else " million cycles")

    def stop_typed(self) -> StopCondition:
        """Return the condition as typed; ValueError or MtrrvizError says what is wrong with it."""
        fields = TypedStop(
            kind=StopKind(self.kind.currentData()),
            vcpu=self.vcpu.currentData(),
            register=self.register.currentData(),
            start=self.start.text(),
            size=self.size_field.text(),
            limit=self.limit.value(),
            phase=self.phase.currentData(),
        )
        return replace(fields.condition(self.scenario.machine), is_on=self.item.is_on)
