"""What a solution may use: pairs, default type, fixed ranges, the smallest range; and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.units import format_size
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.registers.editors import FlagBox
from mtrrviz.session.changes import Change
from mtrrviz.session.wanted.wanted_edits import change_limits, change_rest

if TYPE_CHECKING:
    from mtrrviz.analysis.solve import Limits
    from mtrrviz.gui.shell.bridge import Bridge

_AS_NOW = "as it is now"
_SIZES = tuple(1 << shift for shift in (12, 16, 20, 21, 24, 26, 28, 30))


class SolveOptionsForm(QWidget):
    """Shows the limits of the document's wanted map and edits them."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.pairs = QComboBox(self)
        self.default = QComboBox(self)
        self.default.addItem("any", None)
        self.default.addItem(_AS_NOW, _AS_NOW)
        self.rest = QComboBox(self)
        self.rest.addItem("any", None)
        for kind in MEMORY_TYPES:
            self.default.addItem(kind.name, kind)
            self.rest.addItem(kind.name, kind)
        self.smallest = QComboBox(self)
        for size in _SIZES:
            self.smallest.addItem(format_size(size), size)
        self.fixed = FlagBox("Fi&xed ranges for the first MiB", self)
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        fields = (
            ("Pairs", self.pairs, "How many of the variable pairs may be used"),
            ("Default", self.default, "The default type; any: the one that saves most pairs"),
            ("Smallest", self.smallest, "No range is smaller, and all are aligned to it"),
            ("Elsewhere", self.rest, "The type of what no range names; any costs nothing"),
        )
        for number, (text, field, tip) in enumerate(fields):
            label = Label(text, self)
            label.setObjectName("dim")
            label.setBuddy(field)
            field.setToolTip(plain_tip(tip))
            field.setAccessibleName(f"{text}: {tip}")
            row, column = divmod(number, 2)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(field, row, 2 * column + 1)
        self.fixed.setToolTip("Use the eleven fixed registers below 1 MiB")
        grid.addWidget(self.fixed, 2, 0, 1, 4)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)

    def _connect(self) -> None:
        self.pairs.activated.connect(self._choose_numbers)
        self.default.activated.connect(self._choose_default)
        self.smallest.activated.connect(self._choose_numbers)
        self.fixed.set_by_user.connect(self._choose_numbers)
        self.rest.activated.connect(self._choose_rest)
        self._bridge.changed.connect(self._on_changes)

    @property
    def _limits(self) -> Limits:
        return self._bridge.document.wanted.limits

    def _limit(self, limits: Limits) -> None:
        document = self._bridge.document
        document.want(change_limits(document.wanted, limits))

    @property
    def _all_pairs(self) -> int:
        return self._bridge.document.scenario.machine.variable_pairs

    def _show_pairs(self) -> None:
        """List as many pairs as the machine has."""
        if self.pairs.count() != self._all_pairs + 1:
            self.pairs.clear()
            for count in range(self._all_pairs, -1, -1):
                self.pairs.addItem(str(count), count)

    def _choose_numbers(self) -> None:
        """Take what the fields say, but for the default type."""
        chosen, smallest = self.pairs.currentData(), self.smallest.currentData()
        pairs = None if chosen == self._all_pairs else chosen
        is_on = self.fixed.isChecked()
        new = replace(self._limits, pairs=pairs, smallest_bytes=smallest, use_fixed=is_on)
        self._limit(new)

    def _choose_default(self) -> None:
        """Take the chosen default type; "as now" means the selected vCPU's."""
        chosen = self.default.currentData()
        if chosen == _AS_NOW:
            chosen = self._default_now()
        default = None if chosen is None else MemoryType(chosen)
        self._limit(replace(self._limits, default=default))
        self._show()

    def _default_now(self) -> MemoryType | None:
        """Return the selected vCPU's default type; before the first run the one chosen before."""
        document = self._bridge.document
        if document.state is None:
            return self._limits.default
        return document.state.machine.mtrr(document.vcpu).default_type

    def _choose_rest(self) -> None:
        document, kind = self._bridge.document, self.rest.currentData()
        document.want(change_rest(document.wanted, None if kind is None else MemoryType(kind)))

    def _on_changes(self, changes: frozenset[Change]) -> None:
        if changes & {Change.WANTED, Change.OPENED, Change.SCENARIO}:
            self._show()

    def _show(self) -> None:
        """Show what the document says."""
        self._show_pairs()
        wanted = self._bridge.document.wanted
        limited = wanted.limits.pairs
        pairs = self._all_pairs if limited is None else min(limited, self._all_pairs)
        self.fixed.setChecked(wanted.limits.use_fixed)
        for box, value in (
            (self.pairs, pairs),
            (self.default, wanted.limits.default),
            (self.smallest, wanted.limits.smallest_bytes),
            (self.rest, wanted.rest),
        ):
            box.setCurrentIndex(box.findData(value))
