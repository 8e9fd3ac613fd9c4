"""The machine's settings that KVM looks at, changed as one undoable step for the whole run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QWidget,
)

from mtrrviz.core.units import LEVEL_NAMES, format_size
from mtrrviz.core.words import plural
from mtrrviz.gui.common.copying import Copied, Copying
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.session.edits import change_machine
from mtrrviz.session.view_texts import machine_text

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.machine_spec import MachineSpec


@dataclass(frozen=True)
class Setting:
    """One yes-or-no setting: its name in :class:`MachineSpec`, and what it means."""

    name: str
    text: str
    meaning: str


SETTINGS = (
    Setting(
        "has_mtrr",
        "CPUID reports &MTRRs",
        "Without them a disabled MTRR means WB instead of UC.",
    ),
    Setting(
        "cd_nw_quirk",
        "Quirk CD_NW_&CLEARED (KVM's default)",
        "KVM ignores CR0.CD: memory stays WB. Without the quirk CD makes it UC.",
    ),
    Setting(
        "self_snoop",
        "The host's CPU has self-&snoop",
        "Aliases of one page with different types stay coherent.",
    ),
    Setting(
        "ignore_guest_pat",
        "Quirk IGNORE_GUEST_&PAT (6.16 and later)",
        "Without non-coherent DMA the guest's PAT is ignored. Only off with self-snoop.",
    ),
)

_REFUSAL = "The PAT quirk can only be off on a CPU with self-snoop."


class MachineDialog(QDialog):
    """Shows the settings of the open scenario's machine; OK makes one edit."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._machine = bridge.document.scenario.machine
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Machine settings")
        self.boxes = {setting.name: QCheckBox(setting.text) for setting in SETTINGS}
        self.host_page = QComboBox()
        for level, words in LEVEL_NAMES.items():
            self.host_page.addItem(words, level)
        self.problem = Label()
        self.problem.setObjectName("error")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        copying = Copying(self, lambda: Copied(machine_text(self.chosen()), "the machine"))
        copying.done.connect(bridge.message)
        self._lay_out()
        self._show()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        for box in self.boxes.values():
            box.toggled.connect(self._judge)

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        machine = self._machine
        words = (
            f"{plural(machine.vcpus, 'vCPU')}, {format_size(machine.memory_bytes)} RAM, "
            f"MAXPHYADDR {machine.maxphyaddr}. The settings hold for the whole run."
        )
        form.addRow(Dim(words))
        for setting in SETTINGS:
            form.addRow(self.boxes[setting.name])
            form.addRow(Dim(setting.meaning))
        form.addRow("&Host page size, the largest leaf", self.host_page)
        form.addRow(self.problem)
        form.addRow(self.buttons)

    def _show(self) -> None:
        for name, box in self.boxes.items():
            box.setChecked(getattr(self._machine, name))
        self.host_page.setCurrentIndex(self.host_page.findData(self._machine.host_level))

    def chosen(self) -> MachineSpec:
        """Return the machine with the settings as they stand in the dialog."""
        flags = {name: box.isChecked() for name, box in self.boxes.items()}
        return replace(self._machine, host_level=self.host_page.currentData(), **flags)

    def _judge(self) -> None:
        """Refuse, in place, the one combination that KVM refuses."""
        machine = self.chosen()
        wrong = not machine.ignore_guest_pat and not machine.self_snoop
        self.problem.setText(_REFUSAL if wrong else "")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not wrong)

    def accept(self) -> None:
        """Make the edit, if anything is different."""
        machine, document = self.chosen(), self._bridge.document
        if machine != self._machine:
            self._bridge.edit(lambda: change_machine(document.scenario, machine))
        super().accept()
