"""A range to be touched: by which vCPU, how, when, at once or over a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size
from mtrrviz.core.words import plural
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Dim, HexEdit
from mtrrviz.scenario.touches import Access, Sweep
from mtrrviz.session import edits
from mtrrviz.session.edits.typed_touch import parse_page, parse_pages

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.edits import Edit


class TouchDialog(QDialog):
    """Adds a touch that begins as ``sweep``, or with ``index`` changes the one there.

    OK makes one edit. What is wrong with what was typed is said at once.
    """

    def __init__(
        self, bridge: Bridge, sweep: Sweep, index: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._sweep, self._index = sweep, index
        self.setWindowTitle("Touch a range" if index is None else "Change the touch")
        self._make_fields()
        self.words = Dim()
        self.words.setObjectName("touch_words")
        self.words.setMinimumHeight(3 * self.fontMetrics().height())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = self._make_buttons("Touch" if index is None else "Change")
        self._lay_out()
        self._show(sweep)
        self._connect()
        self._check()
        self.resize(self.fontMetrics().averageCharWidth() * 64, self.sizeHint().height())

    def _make_fields(self) -> None:
        self.start = HexEdit("Start", self)
        self.start.setObjectName("start")
        self.start.setToolTip("Address of the first page: 0x140_0000 or 20 MiB")
        self.size_edit = self._line("size", "How much is touched, in pages of 4 KiB: 2 MiB, 64 KiB")
        self.vcpu = QSpinBox(self)
        self.vcpu.setObjectName("vcpu")
        self.vcpu.setRange(0, self._scenario.machine.vcpus - 1)
        self.access = QComboBox(self)
        self.access.setObjectName("access")
        for access in Access:
            self.access.addItem(access.name.lower(), access)
        self.time = self._line(
            "time", "When the first page is touched: 0.14 s, 850 ms, or +10 us from what was shown"
        )
        self.lasts = self._line(
            "lasts", "0 s: all pages at once. Else they are touched evenly over this time"
        )

    def _line(self, name: str, tip: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setObjectName(name)
        line.setToolTip(plain_tip(tip))
        return line

    def _make_buttons(self, words: str) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, self)
        buttons.button(kinds.Ok).setText(words)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Start", self.start)
        form.addRow("Si&ze", self.size_edit)
        form.addRow("&Access", self.access)
        form.addRow("v&CPU", self.vcpu)
        form.addRow("&Time", self.time)
        form.addRow("&Lasts", self.lasts)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def _show(self, sweep: Sweep) -> None:
        self.start.setText(format_gpa(sweep.first_gfn * PAGE_SIZE))
        self.size_edit.setText(format_size(sweep.pages * PAGE_SIZE, exact=True))
        self.vcpu.setValue(sweep.vcpu)
        self.access.setCurrentIndex(self.access.findData(sweep.access))
        self.time.setText(_seconds(sweep.time_ns))
        self.lasts.setText(_seconds(sweep.lasts_ns))
        self.start.selectAll()

    def _connect(self) -> None:
        for field in (self.start, self.size_edit, self.time, self.lasts):
            field.textChanged.connect(self._check)
        self.vcpu.valueChanged.connect(self._check)
        self.access.currentIndexChanged.connect(self._check)

    def sweep_typed(self) -> Sweep:
        """Return the touch as typed; ValueError or MtrrvizError says what is wrong with it."""
        return Sweep(
            parse_time_ns(self.time.text(), self._sweep.time_ns),
            self.vcpu.value(),
            parse_page(self.start.text()),
            parse_pages(self.size_edit.text()),
            Access(self.access.currentData()),
            parse_time_ns(self.lasts.text(), takes_distance=False),
        )

    def _edit(self) -> Edit:
        sweep = self.sweep_typed()
        if self._index is None:
            return edits.add_touch(self._scenario, sweep)
        return edits.change_touch(self._scenario, self._index, sweep)

    def _check(self) -> None:
        """Say what would be touched, or what is wrong with what was typed."""
        try:
            self._edit()
            words, is_wrong = self._meaning(self.sweep_typed()), False
        except (MtrrvizError, ValueError) as error:
            words, is_wrong = str(error), True
        self.words.setText(words)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not is_wrong)

    def _meaning(self, sweep: Sweep) -> str:
        """Return how many pages are touched, and how many of them can never have a leaf."""
        machine, end = self._scenario.machine, sweep.first_gfn + sweep.pages
        backed = sum(
            min(region.end_gfn, end) - max(region.first_gfn, sweep.first_gfn)
            for region in machine.slots
            if region.first_gfn < end and region.end_gfn > sweep.first_gfn
        )
        words = f"{plural(sweep.pages, 'page')} of 4 KiB."
        bare = sweep.pages - backed
        if bare:
            words += f" {bare:,} without a memory slot: they are emulated and get no leaf."
        return words

    def accept(self) -> None:
        """Make the edit, if the scenario is still the one that was asked about."""
        if self._bridge.document.scenario is not self._scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was touched")
        elif self._index is None or self.sweep_typed() != self._sweep:
            self._bridge.edit(self._edit)
        super().accept()


def _seconds(time_ns: int) -> str:
    return f"{time_ns / 1e9:.9f}".rstrip("0").rstrip(".") + " s"


def new_touch(bridge: Bridge, gfns: tuple[int, int] | None, parent: QWidget | None) -> TouchDialog:
    """Return a dialog that touches [first, end) as the selected vCPU at the playhead.

    Without a range it begins with the selected page, or the first one with a memory slot.
    """
    document = bridge.document
    if gfns is None:
        first_slot = next(iter(document.scenario.machine.slots), None)
        first = 0 if first_slot is None else first_slot.first_gfn
        first = first if document.gfn is None else document.gfn
        gfns = first, first + 1
    sweep = Sweep(document.playhead_ns, document.vcpu, gfns[0], gfns[1] - gfns[0])
    return TouchDialog(bridge, sweep, None, parent)
