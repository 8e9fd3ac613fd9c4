"""The menu of what a wanted map can start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.importers import ImportCancelledError
from mtrrviz.session.changes import Change
from mtrrviz.session.wanted.wanted_sources import (
    as_machine,
    as_registers,
    as_text,
    read_file,
    read_ranges,
)

if TYPE_CHECKING:
    from mtrrviz.gui.documents.file_progress import Read
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker


class SourceButton(QToolButton):
    """A button with a menu; each entry makes another wanted map, one step of undo."""

    def __init__(self, bridge: Bridge, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._worker = worker
        self.setText("Start from")
        self.setToolTip("Start from another map: the machine's, the registers' or a text's")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.addAction("The &machine's memory layout").triggered.connect(self.take_machine)
        self.registers = menu.addAction("")
        self.registers.triggered.connect(self.take_registers)
        menu.addSeparator()
        menu.addAction("A &file: e820, iomem, dmesg, START SIZE TYPE...").triggered.connect(
            self._ask_file
        )
        menu.addAction("The &clipboard").triggered.connect(self.take_clipboard)
        self.setMenu(menu)
        bridge.changed.connect(self._on_changes)
        self._show_vcpu()

    def _on_changes(self, changes: frozenset[Change]) -> None:
        if changes & {Change.VCPU, Change.OPENED, Change.SCENARIO}:
            self._show_vcpu()

    def _show_vcpu(self) -> None:
        document = self._bridge.document
        cpu = document.scenario.machine.cpu_word
        self.registers.setText(f"What {cpu} {document.vcpu}'s &registers give now")

    def take_machine(self) -> None:
        """Want what the machine's layout asks for."""
        document = self._bridge.document
        spec, state = document.scenario.machine, document.state
        machine = None if state is None else state.machine
        self._bridge.want(lambda: as_machine(document.wanted, spec, machine))

    def take_registers(self) -> None:
        """Want what the selected vCPU's registers give at the playhead."""
        document = self._bridge.document
        state = document.state
        if state is None:
            self._bridge.refused.emit("The run is being simulated; try again in a moment.")
            return
        mtrr = state.machine.mtrr(document.vcpu)
        self._bridge.want(lambda: as_registers(document.wanted, document.vcpu, mtrr))

    def take_clipboard(self) -> None:
        """Want the memory map on the clipboard."""
        data = QGuiApplication.clipboard().text().encode(errors="replace")
        if data.strip():
            name = "the pasted text"
            self._read(name, lambda told, stop: read_ranges(name, data, told, stop))
        else:
            self._bridge.refused.emit("There is no text on the clipboard.")

    def _ask_file(self) -> None:
        title = "Open a memory map: e820, iomem, dmesg, or lines START SIZE TYPE"
        name, _ = QFileDialog.getOpenFileName(self.window(), title)
        if name:
            self.take_file(Path(name))

    def take_file(self, path: Path) -> None:
        """Want the memory map of a file."""
        self._read(path.name, lambda told, stop: read_file(path, told, stop))

    def _read(self, name: str, read: Read) -> None:
        """Read beside the window, with progress and a way to stop."""
        reading = Reading(self.window())
        reading.start(self._worker, read, lambda ranges: self._take(name, ranges), self._tell)

    def _take(self, name: str, ranges: Any) -> None:
        document = self._bridge.document
        width = document.scenario.machine.maxphyaddr
        self._bridge.want(lambda: as_text(document.wanted, name, ranges, width))

    def _tell(self, error: Exception) -> None:
        """Show why a text was refused; the wanted map is as it was."""
        if isinstance(error, ImportCancelledError):
            return
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        self._bridge.refused.emit(str(error))
