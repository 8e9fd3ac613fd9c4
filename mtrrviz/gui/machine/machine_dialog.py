"""A machine to start a new scenario from, or that of the open one, changed as one undoable step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.words import sentence
from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.tables.copying import Copied, Copying
from mtrrviz.gui.common.widgets import Dim, scrolling
from mtrrviz.gui.machine.machine_form import MachineForm
from mtrrviz.gui.machine.region_editor import RegionEditor
from mtrrviz.scenario.generated.new_machines import LAYOUTS, MachineLayout
from mtrrviz.scenario.machine_check import check_machine
from mtrrviz.scenario.model import Scenario
from mtrrviz.session.edits import remake_machine
from mtrrviz.session.exchange.view_texts import machine_text

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.machine_spec import MachineSpec

_SECOND_NS = 1_000_000_000
#: How long a new scenario is until something happens later.
NEW_DURATION_NS = 10 * _SECOND_NS


class _MachineEditor(QWidget):
    """The form and the regions of one machine, with what is wrong about it.

    ``judged`` carries what is wrong, "" if nothing is.
    """

    judged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = MachineForm(self)
        self.regions = RegionEditor(self)
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName("Parts of the machine")
        self.tabs.setObjectName("machine_tabs")
        self.tabs.addTab(scrolling(self.form, self, "Machine"), "&Machine")
        self.tabs.addTab(self.regions, "Me&mory regions")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.form.edited.connect(self._judge)
        self.form.resized.connect(self._judge)
        self.regions.edited.connect(self._judge)

    def show_machine(self, machine: MachineSpec) -> None:
        """Show a machine."""
        self.form.show_machine(machine)
        self.regions.show_regions(machine.regions, machine.maxphyaddr)
        self._judge()

    def machine(self) -> MachineSpec:
        """Return the machine as it stands; ValueError or MtrrvizError say what is wrong with it."""
        machine = replace(self.form.machine(), regions=self.regions.regions)
        check_machine(machine)
        return machine

    def _judge(self) -> None:
        self.regions.model.maxphyaddr = self.form.maxphyaddr.value()
        self.regions.strip.maxphyaddr = self.form.maxphyaddr.value()
        try:
            self.machine()
        except (MtrrvizError, ValueError) as error:
            self.judged.emit(str(error))
        else:
            self.judged.emit("")


class _Dialog(QDialog):
    """What both dialogs have: a machine to edit, what is wrong with it, OK and Cancel."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.editor = _MachineEditor(self)
        self.problem = Label()
        self.problem.setObjectName("error")
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        copying = Copying(self, lambda: Copied(machine_text(self.chosen()), "the machine"))
        copying.done.connect(bridge.message)
        self.editor.judged.connect(self._show_problem)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        open_as_large_as(self, 90, 34)

    def _lay_out(self, head: QWidget) -> None:
        column = QVBoxLayout(self)
        column.addWidget(head)
        column.addWidget(self.editor, 1)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)

    def chosen(self) -> MachineSpec:
        """Return the machine as it stands in the dialog; it may be none that can be."""
        return self.editor.machine()

    def _show_problem(self, words: str) -> None:
        self.problem.setText(sentence(words) if words else "")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not words)


class MachineDialog(_Dialog):
    """Edits the machine of the open scenario: OK makes one edit.

    What would be lost by it is said before.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._scenario = bridge.document.scenario
        self.setWindowTitle("Machine")
        self._lay_out(Dim("Changes apply to the whole run."))
        self.editor.show_machine(self._scenario.machine)

    @property
    def boxes(self) -> dict[str, QCheckBox]:
        """The yes-or-no settings by their names."""
        return dict(self.editor.form.boxes)

    def _show_problem(self, words: str) -> None:
        """Say what is wrong, or what would be lost."""
        super()._show_problem(words)
        if not words:
            lost = remake_machine(self._scenario, self.editor.machine()).lost
            self.problem.setText(f"This removes {' and '.join(lost)}." if lost else "")

    def accept(self) -> None:
        """Make the edit, if anything is different and the scenario is still the one shown."""
        document, machine = self._bridge.document, self.chosen()
        if document.scenario is not self._scenario:
            self._bridge.refused.emit(
                "The scenario has changed meanwhile; the machine was not changed"
            )
        elif machine != self._scenario.machine:
            self._bridge.edit(lambda: remake_machine(self._scenario, machine).edit)
        super().accept()


class NewDialog(_Dialog):
    """Makes a new scenario: a kind of machine to start from, and what is to be different.

    ``made`` carries the scenario.
    """

    made = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.setWindowTitle("New scenario")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Create")
        self._laid_out: MachineSpec | None = None
        head = QWidget(self)
        form = QFormLayout(head)
        form.setContentsMargins(0, 0, 0, 0)
        self.title = QLineEdit("New scenario", head)
        self.title.setObjectName("title")
        self.kind = QComboBox(head)
        self.kind.setObjectName("layout")
        for layout in LAYOUTS:
            self.kind.addItem(layout.title, layout.id)
        self.meaning = Dim("", head)
        form.addRow("&Title", self.title)
        form.addRow("Start &from", self.kind)
        form.addRow(self.meaning)
        self._lay_out(head)
        self.kind.currentIndexChanged.connect(self._choose)
        self.editor.form.resized.connect(self._lay_out_anew)
        self._choose(0)
        self.title.selectAll()
        self.title.setFocus()

    @property
    def layout_chosen(self) -> MachineLayout:
        """The kind of machine that is started from."""
        return LAYOUTS[self.kind.currentIndex()]

    def _choose(self, index: int) -> None:
        """Show a machine of the kind chosen, as it usually is."""
        self.meaning.setText(f"{LAYOUTS[index].meaning}.")
        self._show(LAYOUTS[index].machine())

    def _show(self, machine: MachineSpec) -> None:
        self._laid_out = machine
        self.editor.show_machine(machine)

    def _lay_out_anew(self) -> None:
        """Lay other memory out as the kind does, unless the regions were edited by hand."""
        before = self._laid_out
        try:
            memory = self.editor.form.memory_bytes()
        except ValueError:
            return
        layout = self.layout_chosen
        if before is None or self.editor.regions.regions != before.regions:
            return
        if not layout.least_bytes <= memory <= layout.most_bytes or memory % 4096:
            return
        laid_out = layout.machine(memory_bytes=memory)
        form = self.editor.form
        form.maxphyaddr.setValue(max(form.maxphyaddr.value(), laid_out.maxphyaddr))
        self.editor.regions.show_regions(laid_out.regions, form.maxphyaddr.value())
        self._laid_out = laid_out
        self._show_problem("")

    def accept(self) -> None:
        """Hand the new scenario over."""
        machine = self.chosen()
        title = self.title.text().strip() or "New scenario"
        scenario = Scenario("new", title, machine, duration_ns=NEW_DURATION_NS)
        super().accept()
        self.made.emit(scenario)
