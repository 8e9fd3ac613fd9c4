"""Where a draft goes: the target, what the write will do, the buttons that write or drop it.

The line of what the write will do is for the editor to place: its height changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.registers.editors import QuietCombo, Words
from mtrrviz.session.edits import RegisterWrite
from mtrrviz.session.registers.register_writes import WritePlan, can_go_as_kernel, plan_edit

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.registers.register_draft import Draft

_KERNEL_TIP = (
    "On each {cpu} in turn: CR0.CD = 1, DEF_TYPE.E = 0, the writes, DEF_TYPE back on, CR0.CD = 0, "
    "1 us apart"
)


_WRITE_TIP = "Write at the playhead (Return in a hex field)"


class WriteBox(QWidget):
    """Writes a draft at the playhead to one vCPU or all, bare or as a kernel does it."""

    reverted = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._machine: Machine | None = None
        self._vcpu = 0
        self._draft: Draft | None = None
        self._msr = 0
        self.target = QuietCombo("Write to", self)
        self.preview = Words("dim", self)
        self.write_button = QPushButton("Write", self)
        self.revert_button = QPushButton("Revert", self)
        self._lay_out()
        self.target.activated.connect(self._target_chosen)
        self.write_button.clicked.connect(self.write)
        self.revert_button.clicked.connect(self.reverted)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        label = Label("Write &to", self)
        label.setObjectName("dim")
        label.setBuddy(self.target)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.target, 0, 1, 1, 2)
        grid.addWidget(self.revert_button, 1, 1)
        grid.addWidget(self.write_button, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)

    def show_draft(self, machine: Machine, vcpu: int, draft: Draft, msr: int, error: str) -> None:
        """Offer to write ``draft``; ``msr`` is the register in view, ``error`` forbids it."""
        is_new_place = (machine.vcpus, vcpu, msr) != self._place()
        self._machine, self._vcpu, self._draft, self._msr = machine, vcpu, draft, msr
        if is_new_place or not self.target.count():
            self._offer_targets(machine, vcpu)
        self.write_button.setEnabled(not error)
        self.write_button.setText("Write" if draft.is_changed else "Write again")
        self.revert_button.setEnabled(draft.is_changed or bool(error))
        self._show_preview(error)
        effect = self._bridge.document.pending.effect
        again = "" if effect is None else effect.again
        self.write_button.setToolTip(plain_tip(_WRITE_TIP if draft.is_changed else again))

    def _place(self) -> tuple[int, int, int]:
        vcpus = 0 if self._machine is None else self._machine.vcpus
        return vcpus, self._vcpu, self._msr

    def _offer_targets(self, machine: Machine, vcpu: int) -> None:
        """Fill the target list, keeping the kind of target that was chosen."""
        kept = self.target.currentIndex()
        cpu = self._bridge.document.scenario.machine.cpu_word
        targets = [f"{cpu} {vcpu}", f"all {machine.vcpus} {cpu}s"]
        if can_go_as_kernel(self._msr):
            targets += [f"{target}, as a kernel does" for target in targets]
        self.target.clear()
        self.target.addItems(targets)
        for index in range(2, len(targets)):
            self.target.setItemData(index, self._bridge.terms.fill(_KERNEL_TIP), 3)
        self.target.setCurrentIndex(kept if 0 <= kept < len(targets) else 0)

    def plan(self) -> WritePlan | None:
        """Return what Write would do: the changed registers, or the one in view if none is."""
        if self._draft is None or self._machine is None:
            return None
        choice = self.target.currentIndex()
        vcpus = tuple(range(self._machine.vcpus)) if choice % 2 else (self._vcpu,)
        msrs = self._draft.changed_msrs or (self._msr,)
        writes = tuple(RegisterWrite(msr, self._draft.values[msr]) for msr in msrs)
        return WritePlan(vcpus, writes, as_kernel=choice >= 2)

    def _target_chosen(self) -> None:
        tip = self._bridge.terms.fill(_KERNEL_TIP) if self.target.currentIndex() >= 2 else ""
        self.target.setToolTip(plain_tip(tip))
        self._show_preview("")

    def _show_preview(self, error: str) -> None:
        """Say what the write would do at the playhead."""
        plan = None if error else self.plan()
        self._bridge.document.pending.show(plan, self._draft)
        if error:
            self.preview.say("Nothing can be written.")
        elif plan is None:
            self.preview.say("")
        else:
            self.count_leaves()

    def count_leaves(self) -> None:
        """Say anew what the write would do: leaves come and go while the playhead moves."""
        pending = self._bridge.document.pending
        words = pending.words
        if words:
            self.preview.say(words)
        elif self.write_button.isEnabled():
            self.preview.say("Nothing can be written.")

    def forget(self) -> None:
        """Announce no write any more: the editor is closed."""
        self._bridge.document.pending.show(None)

    def write(self) -> bool:
        """Make the writes at the playhead; True if they were made."""
        plan, machine = self.plan(), self._machine
        if plan is None or machine is None or not self.write_button.isEnabled():
            return False
        document = self._bridge.document
        return self._bridge.edit(
            lambda: plan_edit(document.scenario, document.playhead_ns, machine, plan)
        )
