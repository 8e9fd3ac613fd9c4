"""The fields of a machine that are not regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from mtrrviz.core.msr.registers import MAX_PAIRS, VARIABLE_PAIRS
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_NAMES, format_size, parse_size, size_reading
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.read_as import ReadAs
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.scenario.machine_check import ADDRESS_BITS, MAX_DEVICES, MAX_VCPUS

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec


class Setting(Record):
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
        "Without non-coherent DMA the guest's PAT is ignored. Can be off only with self-snoop.",
    ),
)


class MachineForm(QWidget):
    """Shows a machine and lets it be changed. ``edited`` tells that a field was changed.

    ``resized`` tells that the memory was, which may lay the regions out anew.
    """

    edited = Signal()
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.vcpus = self._spin("vcpus", 1, MAX_VCPUS)
        self.memory = QLineEdit(self)
        self.memory.setObjectName("memory")
        self.memory.setToolTip("The RAM, with its unit: 64 MiB, 4 GiB")
        ReadAs(self.memory, size_reading)
        self.maxphyaddr = self._spin("maxphyaddr", ADDRESS_BITS.start, ADDRESS_BITS.stop - 1)
        self.pairs = self._spin("pairs", 0, MAX_PAIRS)
        self.devices = self._spin("noncoherent_dma", 0, MAX_DEVICES)
        self.host_page = QComboBox(self)
        self.host_page.setObjectName("host_level")
        for level, words in LEVEL_NAMES.items():
            self.host_page.addItem(words, level)
        self.boxes = {setting.name: QCheckBox(setting.text, self) for setting in SETTINGS}
        self._machine: MachineSpec | None = None
        self._rows: list[tuple[QWidget, bool]] = []
        self._lay_out()
        self._connect()

    def _spin(self, name: str, least: int, most: int) -> QSpinBox:
        box = QSpinBox(self)
        box.setObjectName(name)
        box.setRange(least, most)
        return box

    def _lay_out(self) -> None:
        form = self._form = QFormLayout(self)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow("&Processors", self.vcpus)
        form.addRow("M&emory", self.memory)
        form.addRow("MAX&PHYADDR, address bits", self.maxphyaddr)
        form.addRow("&Variable MTRR pairs", self.pairs)
        form.addRow("Devices with &non-coherent DMA at the start", self.devices)
        form.addRow("&Host page size, the largest leaf", self.host_page)
        for setting in SETTINGS:
            box = self.boxes[setting.name]
            box.setObjectName(setting.name)
            form.addRow(box)
            meaning = Dim(setting.meaning, self)
            form.addRow(meaning)
            box.setToolTip(plain_tip(setting.meaning))
            self._rows += [(box, False), (meaning, False)]
        self._rows += [(self.pairs, True), (self.devices, False), (self.host_page, False)]

    def _connect(self) -> None:
        for spin in (self.vcpus, self.maxphyaddr, self.pairs, self.devices):
            spin.valueChanged.connect(self.edited)
        self.memory.textEdited.connect(self.resized)
        self.host_page.currentIndexChanged.connect(self.edited)
        for box in self.boxes.values():
            box.toggled.connect(self.edited)

    def show_machine(self, machine: MachineSpec) -> None:
        """Show a machine; nothing is told."""
        self._machine = machine
        self.blockSignals(True)
        self.vcpus.setValue(machine.vcpus)
        self.memory.setText(format_size(machine.memory_bytes, exact=True))
        self.maxphyaddr.setValue(machine.maxphyaddr)
        self.pairs.setValue(machine.variable_pairs)
        self.devices.setValue(machine.noncoherent_dma)
        self.host_page.setCurrentIndex(self.host_page.findData(machine.host_level))
        for name, box in self.boxes.items():
            box.setChecked(getattr(machine, name))
        for widget, is_of_hosts in self._rows:
            self._form.setRowVisible(widget, is_of_hosts == machine.is_host)
        self.blockSignals(False)

    def memory_bytes(self) -> int:
        """Return the memory typed; ValueError if it is no size."""
        return parse_size(self.memory.text())

    def machine(self) -> MachineSpec:
        """Return the machine as it stands; its regions are those of the one shown.

        ValueError if the memory is no size.
        """
        if self._machine is None:
            raise ValueError("no machine is shown")
        flags = {name: box.isChecked() for name, box in self.boxes.items()}
        return replace(
            self._machine,
            vcpus=self.vcpus.value(),
            memory_bytes=self.memory_bytes(),
            maxphyaddr=self.maxphyaddr.value(),
            pairs=self.pairs.value() if self._machine.is_host else VARIABLE_PAIRS,
            noncoherent_dma=self.devices.value(),
            host_level=self.host_page.currentData(Qt.ItemDataRole.UserRole),
            **flags,
        )
