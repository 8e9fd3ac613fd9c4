"""One condition to stop at, to add or to change: its kind, and the fields that the kind has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.stops import stop_words
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import CR0_ID, register
from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.gui.common.widgets import Dim, HexEdit
from mtrrviz.scenario.events import KNOWN_MSRS
from mtrrviz.scenario.stop_condition import (
    LIMIT_KINDS,
    RANGE_KINDS,
    VCPU_KINDS,
    StopCondition,
    StopKind,
)
from mtrrviz.session import edits
from mtrrviz.session.typed_stop import TypedStop, typed

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
_BUTTON = QDialogButtonBox.StandardButton
_MOST = 1e12


class StopDialog(QDialog):
    """Adds ``stop``, or with ``index`` changes the condition there. OK makes one edit."""

    def __init__(
        self,
        bridge: Bridge,
        stop: StopCondition,
        index: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("stop_dialog")
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._stop, self._index = stop, index
        self.setWindowTitle("Add a stop" if index is None else "Change the stop")
        self._make_fields()
        self.words = Dim()
        self.words.setObjectName("stop_words")
        self.words.setMinimumHeight(2 * self.fontMetrics().height())
        self.buttons = QDialogButtonBox(_BUTTON.Ok | _BUTTON.Cancel, self)
        self.buttons.button(_BUTTON.Ok).setText("Add" if index is None else "Change")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        self._show(typed(stop))
        self._connect()
        self._kind_changed()
        self.resize(self.fontMetrics().averageCharWidth() * 64, self.sizeHint().height())

    def _make_fields(self) -> None:
        self.kind = self._choice("kind", [(words, kind) for kind, words in KIND_WORDS.items()])
        vcpus = range(self._scenario.machine.vcpus)
        self.vcpu = self._choice("vcpu", [("any", None), *((f"vCPU {i}", i) for i in vcpus)])
        msrs = ((f"{register(msr).name}  ({msr:#x})", msr) for msr in KNOWN_MSRS)
        cr0 = (register(CR0_ID).name, CR0_ID)
        self.register = self._choice("register", [("any", None), *msrs, cr0])
        phases = dict.fromkeys(phase.name for phase in self._scenario.phases)
        phases |= {self._stop.phase: None} if self._stop.phase else {}
        self.phase = self._choice("phase", [("any", ""), *((name, name) for name in phases)])
        self.start = HexEdit("Address", self)
        self.start.setObjectName("start")
        self.size_field = HexEdit("Size", self)
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
        self._form = QFormLayout()
        self._form.addRow("Stop &when", self.kind)
        self._form.addRow("&Register", self.register)
        self._form.addRow("v&CPU", self.vcpu)
        self._form.addRow("&Address", self.start)
        self._form.addRow("&Size", self.size_field)
        self._form.addRow("&More than", self.limit)
        self._form.addRow("&Phase", self.phase)
        column = QVBoxLayout(self)
        column.addLayout(self._form)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.buttons)

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

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._kind_changed)
        for box in (self.vcpu, self.register, self.phase):
            box.currentIndexChanged.connect(self._check)
        for field in (self.start, self.size_field):
            field.textChanged.connect(self._check)
        self.limit.valueChanged.connect(self._check)

    def _kind_changed(self) -> None:
        """Show the fields that a condition of this kind has."""
        kind = StopKind(self.kind.currentData())  # Qt keeps the word alone
        self._form.setRowVisible(self.register, kind is StopKind.WRITE)
        self._form.setRowVisible(self.vcpu, kind in VCPU_KINDS)
        self._form.setRowVisible(self.start, kind in RANGE_KINDS)
        self._form.setRowVisible(self.size_field, kind in RANGE_KINDS)
        self._form.setRowVisible(self.limit, kind in LIMIT_KINDS)
        self._form.setRowVisible(self.phase, kind is StopKind.PHASE)
        self.limit.setDecimals(0 if kind is StopKind.ZAPS_EXCEED else 3)
        self.limit.setSuffix(" zaps" if kind is StopKind.ZAPS_EXCEED else " million cycles")
        self._check()

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
        return replace(fields.condition(self._scenario.machine), is_on=self._stop.is_on)

    def _check(self) -> None:
        """Say when it will stop, or what is wrong with what was typed."""
        wrong = ""
        try:
            self.words.setText(f"Playing stops when {stop_words(self.stop_typed())}.")
        except (MtrrvizError, ValueError) as error:
            wrong = str(error)
            self.words.setText(wrong)
        self.start.show_error(wrong)
        self.buttons.button(_BUTTON.Ok).setEnabled(not wrong)

    def accept(self) -> None:
        """Make the edit, if the scenario is still the one that was asked about."""
        scenario, stop, index = self._scenario, self.stop_typed(), self._index
        if self._bridge.document.scenario is not scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was changed")
        elif index is None:
            if not self._bridge.edit(lambda: edits.add_stop(scenario, stop)):
                return
        elif stop != self._stop and not self._bridge.edit(
            lambda: edits.change_stop(scenario, index, stop)
        ):
            return
        super().accept()
