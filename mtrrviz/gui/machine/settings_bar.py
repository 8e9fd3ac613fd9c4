"""The controls that are always in sight: policy, compared policy, non-coherent DMA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from mtrrviz.core.policies import get_policy, policy_ids
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.switch import ToggleSwitch
from mtrrviz.scenario.machine_kind import is_seen_as_guest
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.session.changes import Change
from mtrrviz.session.edits import Edit, attach_dma, detach_dma, seen_as_other_kind

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.gui.shell.bridge import Bridge


class SettingsBar(QWidget):
    """Policy for the whole run, the policy beside it, and the DMA switch at the playhead.

    ``policy_chosen`` tells that the user picked one of the two policies, after the change.
    """

    policy_chosen = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.policy = _policy_box("Policy of the run")
        self.compared = _policy_box("Policy to compare with")
        self.dma = ToggleSwitch("Non-coherent DMA", bridge, self)
        self.as_guest = ToggleSwitch("As a KVM guest with a non-coherent device", bridge, self)
        # lessons point at these
        self.policy.setObjectName("policy_box")
        self.compared.setObjectName("compared_box")
        self.dma.setObjectName("dma_switch")
        self._guest_only: list[QWidget] = [self.policy, self.compared, self.dma]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for text, box in (("Polic&y", self.policy), ("&Compare", self.compared)):
            label = Label(text)
            label.setObjectName("dim")
            label.setBuddy(box)
            self._guest_only.append(label)
            row.addWidget(label)
            row.addWidget(box)
        row.addSpacing(8)
        row.addWidget(self.dma)
        row.addWidget(self.as_guest)
        row.addStretch(1)
        self.policy.activated.connect(self._use_policy)
        self.compared.activated.connect(self._compare_policy)
        self.dma.clicked.connect(self.toggle_dma)
        self.as_guest.clicked.connect(self.toggle_machine)
        bridge.changed.connect(self._on_changes)
        self._show()

    def _use_policy(self) -> None:
        self._bridge.document.set_policy(self.policy.currentData())
        self.policy_chosen.emit()

    def _compare_policy(self) -> None:
        self._bridge.document.set_compared_policy(self.compared.currentData())
        self.policy_chosen.emit()

    def toggle_dma(self) -> None:
        """Attach a device at the playhead, or detach all that are there."""
        self._bridge.edit(self._dma_edit)
        self._show()

    def toggle_machine(self) -> None:
        """Show the real machine as a KVM guest with a non-coherent device, or as itself again."""
        self._bridge.edit(lambda: seen_as_other_kind(self._bridge.document.scenario))
        self._show()

    def _dma_edit(self) -> Edit:
        document = self._bridge.document
        state = document.state
        count = state.machine.noncoherent_dma if state else 0
        if count:
            return detach_dma(document.scenario, document.playhead_ns, count)
        return attach_dma(document.scenario, document.playhead_ns)

    def _on_changes(self, changes: frozenset[Change]) -> None:
        if changes & {Change.RUN, Change.POLICY, Change.PLAYHEAD, Change.SCENARIO}:
            self._show()
        document = self._bridge.document
        chosen = Change.POLICY in changes and Change.OPENED not in changes
        if chosen and not document.scenario.machine.is_host:
            policy = get_policy(document.policy)
            self._bridge.message.emit(f"{policy.id}, {policy.versions}: {policy.summary}")

    def _show(self) -> None:
        """Show what the document says."""
        document = self._bridge.document
        machine = document.scenario.machine
        for widget in self._guest_only:
            widget.setVisible(not machine.is_host)
        self.as_guest.setVisible(machine.is_host or is_seen_as_guest(document.scenario))
        self.as_guest.setChecked(not machine.is_host)
        _explain(self.as_guest, _KIND_WORDS[machine.kind])
        for box, policy in (
            (self.policy, document.policy),
            (self.compared, document.compared_policy),
        ):
            _show_policy(box, get_policy(policy))
        state = document.state
        count = state.machine.noncoherent_dma if state else 0
        self.dma.setChecked(count > 0)
        _explain(self.dma, _dma_words(count))


def _show_policy(box: QComboBox, policy: Policy) -> None:
    """Choose a policy in its box; with switches on it stands there in place of the plain one."""
    row = policy_ids().index(type(policy).id)
    for other, name in enumerate(policy_ids()):
        wanted = policy.id if other == row else name
        if box.itemData(other) != wanted:
            box.setItemData(other, wanted)
            box.setItemText(other, _short(policy) if other == row else name)
    if row != box.currentIndex():
        box.setCurrentIndex(row)
    on = ", ".join(switch.title for switch in policy.switches if switch.id in policy.active)
    _explain(box, f"{policy.summary} Switched on: {on}." if on else policy.summary)


def _short(policy: Policy) -> str:
    """Return the id, or where it names several switches how many these are."""
    if len(policy.active) < 2:
        return policy.id
    return f"{type(policy).id}:{len(policy.active)} switches"


def _explain(widget: QWidget, words: str) -> None:
    """Set a tooltip; setting the same one again costs a round of events each frame."""
    if widget.toolTip() != words:
        widget.setToolTip(plain_tip(words))


def _policy_box(name: str) -> QComboBox:
    """Return a combo box of all policies."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the map
    for policy_id in policy_ids():
        policy = get_policy(policy_id)
        box.addItem(policy_id, policy_id)
        box.setItemData(
            box.count() - 1, plain_tip(f"{policy.title} ({policy.versions})"), _TOOL_TIP
        )
    return box


_TOOL_TIP = Qt.ItemDataRole.ToolTipRole


_KIND_WORDS = {
    MachineKind.HOST: "A real machine: the processors' own lookup gives every address its type",
    MachineKind.GUEST: "A real machine's MTRRs, seen as if KVM ran a guest with them",
}


def _dma_words(count: int) -> str:
    if not count:
        return "No device with non-coherent DMA: KVM ignores guest MTRRs, every leaf is WB"
    devices = "1 device" if count == 1 else f"{count} devices"
    return f"{devices} with non-coherent DMA: guest MTRRs count, and their writes zap"
