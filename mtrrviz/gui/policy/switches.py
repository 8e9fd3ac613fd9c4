"""One policy's name, its choice of lookup and its other switches."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from mtrrviz.core.kvm_rules.policy import SDM_LOOKUP
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.widgets import Heading

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.core.kvm_rules.policy import Policy

_KVM_TIP = "Types as KVM's walk over the variable ranges finds them"


class PolicySwitches(QWidget):
    """Shows a policy's switches; ``choose`` is called with the id that one of them makes."""

    def __init__(
        self, role: str, choose: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._role = role
        self._choose = choose
        self._policy: Policy | None = None
        self.name = Heading("", self)
        self.name.setWordWrap(True)
        self.kvm = QRadioButton("KVM", self)
        self.sdm = QRadioButton("SDM", self)
        self.boxes: dict[str, QCheckBox] = {}
        self._lookup = QWidget(self)
        row = QHBoxLayout(self._lookup)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Label("Lookup", self._lookup))
        row.addWidget(self.kvm)
        row.addWidget(self.sdm)
        row.addStretch(1)
        for button, tip in ((self.kvm, _KVM_TIP), (self.sdm, SDM_LOOKUP.meaning)):
            button.setToolTip(plain_tip(tip))
            button.setAccessibleName(f"{role}: lookup by {button.text()}")
        self.kvm.clicked.connect(lambda: self._switch(SDM_LOOKUP.id, False))
        self.sdm.clicked.connect(lambda: self._switch(SDM_LOOKUP.id, True))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.name)
        self._column.addWidget(self._lookup)

    def show_policy(self, policy: Policy) -> None:
        """Show a policy and which of its switches are on."""
        if self._policy is None or type(policy) is not type(self._policy):
            self._make_boxes(policy)
        self._policy = policy
        self.name.setText(f"{self._role}: {policy.title}")
        self._lookup.setVisible(policy.asks_mtrrs)
        (self.sdm if policy.follows_sdm else self.kvm).setChecked(True)
        for name, box in self.boxes.items():
            box.setChecked(name in policy.active)

    def _make_boxes(self, policy: Policy) -> None:
        for old in self.boxes.values():
            self._column.removeWidget(old)
            old.deleteLater()
        self.boxes = {}
        for switch in policy.variants:
            box = QCheckBox(switch.title, self)
            box.setToolTip(plain_tip(switch.meaning))
            box.setAccessibleName(f"{self._role}: {switch.title}")
            box.setAccessibleDescription(switch.meaning)
            box.clicked.connect(partial(self._box_clicked, switch.id))
            self._column.addWidget(box)
            self.boxes[switch.id] = box

    def _box_clicked(self, name: str) -> None:
        self._switch(name, self.boxes[name].isChecked())

    def _switch(self, name: str, on: bool) -> None:
        if self._policy is not None:
            self._choose(self._policy.switched(name, on=on))
