"""What is to be swept: firmware, vCPUs, memory, policies; Start, Cancel and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.policies import get_policy, policy_ids
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.sweep.policy_marks import icon_of
from mtrrviz.scenario.generated.boot_machine import FIRMWARES, MAX_VCPUS
from mtrrviz.session.forms.sweep_request import SweepRequest, read_request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.sim.cost_model import CostModel

_FIRST_VCPUS = f"1,2,4,...,{MAX_VCPUS}"
_FIRST_MEMORY = "2"
_WIDTH_PX = 250
_LIST_TIP = (
    'Numbers with commas in between; "..." goes on as the two before it do: '
    "1,2,4,...,255 is 1, 2, 4, 8, 16, 32, 64, 128 and 255"
)
_CHECKED = Qt.CheckState.Checked


class SweepForm(QWidget):
    """The controls at the left. ``started`` and ``cancelled`` tell what the user wants."""

    started = Signal()
    cancelled = Signal()

    def __init__(self, policies: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.firmware = QComboBox()
        self.firmware.addItems(FIRMWARES)
        self.firmware.setToolTip("Whose boots are generated, with the register writes of recorded")
        self.vcpus = _list_field(_FIRST_VCPUS, "Numbers of vCPUs")
        self.memory = _list_field(_FIRST_MEMORY, "Sizes of memory in GiB")
        self.policies = _policy_list(frozenset(policies))
        self.start = QPushButton("&Start")
        self.cancel = QPushButton("Cancel")
        self.progress = QProgressBar()
        self._lay_out()
        self._connect()
        self.show_running(running=False)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(3)
        form.addRow("Firm&ware", self.firmware)
        form.addRow("vCP&Us", self.vcpus)
        form.addRow("G&iB", self.memory)
        self.firmware.setAccessibleName("Firmware")
        self.progress.setAccessibleName("Points done")
        self.progress.setFormat("%v of %m")
        buttons = QHBoxLayout()
        buttons.addWidget(self.start)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.progress, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(form)
        column.addWidget(self.policies, 1)
        column.addLayout(buttons)
        self.setFixedWidth(_WIDTH_PX)

    def _connect(self) -> None:
        self.start.clicked.connect(self.started)
        self.cancel.clicked.connect(self.cancelled)
        for field in (self.vcpus, self.memory):
            field.returnPressed.connect(self.started)

    @property
    def chosen(self) -> list[str]:
        """The policies that are checked."""
        items = (self.policies.item(row) for row in range(self.policies.count()))
        return [item.text() for item in items if item.checkState() is _CHECKED]

    def request(self, costs: CostModel) -> SweepRequest:
        """Return what is asked for; MtrrvizError says what is wrong with it."""
        return read_request(
            self.firmware.currentText(), self.vcpus.text(), self.memory.text(), self.chosen, costs
        )

    def show_running(self, *, running: bool) -> None:
        """Let the user start or cancel, and show how far it is."""
        self.start.setEnabled(not running)
        self.cancel.setEnabled(running)
        self.progress.setVisible(running)
        if running:
            self.progress.setRange(0, 0)  # until it is known how many points there are

    def show_progress(self, done: int, total: int) -> None:
        """Show how many points are done."""
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def show_marks(self, theme: Theme) -> None:
        """Show the mark that each policy has in the plots."""
        for row in range(self.policies.count()):
            item = self.policies.item(row)
            item.setIcon(icon_of(item.text(), theme))


def _list_field(text: str, name: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setAccessibleName(name)
    field.setToolTip(_LIST_TIP)
    return field


def _policy_list(checked: frozenset[str]) -> QListWidget:
    policies = QListWidget()
    policies.setAccessibleName("Policies, with their marks in the plots")
    policies.setToolTip("Policies to sweep (Space checks one), with their marks in the plots")
    for policy in policy_ids():
        item = QListWidgetItem(policy)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(_CHECKED if policy in checked else Qt.CheckState.Unchecked)
        item.setToolTip(plain_tip(get_policy(policy).title))
        policies.addItem(item)
    return policies
