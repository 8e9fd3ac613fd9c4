"""Asks for another value of an event that writes a register."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import CR0_ID, describe, register
from mtrrviz.core.units import format_gpa, parse_address
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Dim, HexEdit
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge


class ValueDialog(QDialog):
    """One hex field; says at once what the value means, or why KVM would refuse it."""

    def __init__(self, bridge: Bridge, index: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._index = index
        event = self._scenario.events[index]
        self._msr = event.register if event.writes_msr else CR0_ID
        name = register(self._msr).name
        self.setWindowTitle(f"Change {name}")
        self.field = HexEdit(f"Value of {name}")
        self.field.setMinimumWidth(320)
        self.words = Dim()
        self.words.setMinimumHeight(3 * self.fontMetrics().height())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = self._make_buttons()
        column = QVBoxLayout(self)
        column.addWidget(Label(f"{name} on vCPU {event.vcpu} at {event.time_ns / 1e9:.6f} s"))
        column.addWidget(self.field)
        column.addWidget(self.words)
        column.addWidget(self.buttons)
        self.field.textChanged.connect(self._check)
        self.field.setText(format_gpa(event.value))
        self.field.selectAll()

    def _make_buttons(self) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, self)
        buttons.button(kinds.Ok).setText("Change")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def _value(self) -> int:
        """Return the value typed; ValueError or MtrrvizError says what is wrong with it."""
        value = parse_address(self.field.text())
        self._scenario.machine.check_write(self._msr, value)
        return value

    def _check(self) -> None:
        try:
            value = self._value()
        except (MtrrvizError, ValueError) as error:
            self._show(str(error), wrong=True)
            return
        self._show(describe(self._msr, value, self._scenario.machine.maxphyaddr), wrong=False)

    def _show(self, words: str, *, wrong: bool) -> None:
        self.words.setText(words)
        self.field.show_error(words if wrong else "")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not wrong)

    def accept(self) -> None:
        """Make the edit, if the scenario is still the one that was asked about."""
        if self._bridge.document.scenario is not self._scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was written")
            self.reject()
            return
        value = self._value()
        event = self._scenario.events[self._index]
        if value != event.value:
            changed = replace(event, value=value)
            self._bridge.edit(lambda: edits.change_event(self._scenario, self._index, changed))
        super().accept()
