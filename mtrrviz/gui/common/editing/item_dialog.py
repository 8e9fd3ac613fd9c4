"""A form for one item of the scenario, an event or a stop, which OK adds or changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Dim, ok_and_cancel

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.common.widgets import HexEdit
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.edits import Edit

Item = TypeVar("Item")
_BUTTON = QDialogButtonBox.StandardButton


class ItemEdits(Record, Generic[Item]):
    """What an item is called, and the edits that add one and change the one at an index.

    The first word of ``title``, which is for adding, is also on the button.
    """

    noun: str
    title: str
    add: Callable[[Scenario, Item], Edit]
    change: Callable[[Scenario, int, Item], Edit]


class ItemDialog(QDialog, Generic[Item]):
    """Adds ``item``, or with ``index`` changes the one there. OK makes one edit.

    What was typed is checked at once: ``words`` say what it means, or what is wrong with it.
    Subclasses put their fields into ``form``, fill them and then call :meth:`begin`.
    """

    def __init__(
        self,
        bridge: Bridge,
        kind: ItemEdits[Item],
        item: Item,
        index: int | None,
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(f"{kind.noun}_dialog")
        self.setWindowTitle(kind.title if index is None else f"Change the {kind.noun}")
        self.bridge = bridge
        self.scenario = bridge.document.scenario
        self.item, self.index = item, index
        self.form = QFormLayout()
        self._kind = kind

    def begin(
        self,
        typed: Callable[[], Item],
        meaning: Callable[[Item], str] | None = None,
        *,
        lines: int = 1,
        marked: HexEdit | None = None,
    ) -> None:
        """Complete the form with words and buttons below its fields, and check what it holds.

        ``typed`` returns the item as typed and ``meaning`` says what it means in so many
        ``lines``; both raise ValueError or MtrrvizError where something is wrong, which
        ``marked`` shows. Without ``meaning`` the edit is tried.
        """
        self._typed, self._meaning, self._marked = typed, meaning or self._nothing_wrong, marked
        self.words = Dim()
        self.words.setObjectName(f"{self._kind.noun}_words")
        self.words.setMinimumHeight(lines * self.fontMetrics().height())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = ok_and_cancel(self)
        self.buttons.button(_BUTTON.Ok).setText(self.windowTitle().partition(" ")[0])
        column = QVBoxLayout(self)
        column.addLayout(self.form)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self._watch_fields()
        self._check()
        open_as_large_as(self, 64)

    def _watch_fields(self) -> None:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for line in self.findChildren(QLineEdit, options=direct):
            line.textChanged.connect(self._check)
        for box in self.findChildren(QComboBox, options=direct):
            box.currentIndexChanged.connect(self._check)
        for spin in (
            *self.findChildren(QSpinBox, options=direct),
            *self.findChildren(QDoubleSpinBox, options=direct),
        ):
            spin.valueChanged.connect(self._check)

    def line(self, name: str, text: str = "", tip: str = "") -> QLineEdit:
        """Return a field for words, named ``name``."""
        line = QLineEdit(text, self)
        line.setObjectName(name)
        line.setToolTip(plain_tip(tip))
        return line

    def vcpu_field(self) -> QSpinBox:
        """Return a field for a vCPU of the machine."""
        field = QSpinBox(self)
        field.setObjectName("vcpu")
        field.setRange(0, self.scenario.machine.vcpus - 1)
        return field

    def _check(self) -> None:
        """Say what the item typed means, or what is wrong with it."""
        try:
            words, is_wrong = self._meaning(self._typed()), False
        except (MtrrvizError, ValueError) as error:
            words, is_wrong = str(error), True
        self.words.setText(words)
        if self._marked is not None:
            self._marked.show_error(words if is_wrong else "")
        self.buttons.button(_BUTTON.Ok).setEnabled(not is_wrong)

    def edit(self, item: Item) -> Edit:
        """Return the edit that gives ``item`` to the scenario."""
        if self.index is None:
            return self._kind.add(self.scenario, item)
        return self._kind.change(self.scenario, self.index, item)

    def _nothing_wrong(self, item: Item) -> str:
        self.edit(item)
        return ""

    def accept(self) -> None:
        """Make the edit, if the scenario is still the one that was asked about."""
        item = self._typed()
        if self.bridge.document.scenario is not self.scenario:
            self.bridge.refused.emit("The scenario has changed meanwhile; nothing was changed")
        elif (self.index is None or item != self.item) and not self.bridge.edit(
            lambda: self.edit(item)
        ):
            return
        super().accept()
