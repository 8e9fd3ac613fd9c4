"""The register panel: which vCPU, an overview of its registers, and an editor for one of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from mtrrviz.core.msr.registers import CR0_ID, FIXED_MSRS, MTRRCAP, VARIABLE_PAIRS, register
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.widgets import Empty, Heading
from mtrrviz.gui.registers.detail import DetailEditor
from mtrrviz.gui.registers.fixed_strip import FixedStrip
from mtrrviz.gui.registers.rows import DefTypeRow, PatRegisterRow, RangeRow, ValueRow
from mtrrviz.gui.registers.vcpu_picker import VcpuPicker
from mtrrviz.session.changes import Change
from mtrrviz.session.registers.register_view import (
    DifferenceFinder,
    cd_bit,
    difference_name,
    differs_from_first,
    fixed_codes,
    read_register,
)

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.gui.registers.row import RegisterRow
    from mtrrviz.gui.shell.bridge import Bridge

#: By then the layout of an editor that was just opened is done.
_SETTLED_MS = 100


class RegisterPanel(FollowsDocument):
    """The registers of the document's vCPU at the playhead.

    The overview shows all of them; a row that is opened gets the editor right below it. The panel
    keeps nothing of its own but which row is open and the draft in the editor. ``opened`` tells
    that another row is open, or none.
    """

    follows = frozenset(
        {Change.RUN, Change.PLAYHEAD, Change.VCPU, Change.SCENARIO, Change.OPENED, Change.POLICY}
        | {Change.SELECTED_ITEM}
    )
    opened = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._place: tuple[object, ...] = ()
        self._open: tuple[int, ...] | None = None
        self._must_scroll = False
        self._playhead = -1
        self._machine: Machine | None = None
        self._finder = DifferenceFinder()
        self.setAccessibleName("Registers")
        self.picker = VcpuPicker(bridge, self)
        self.deftype = DefTypeRow(bridge, self)
        self.ranges = [RangeRow(bridge, index, self) for index in range(VARIABLE_PAIRS)]
        self._spare_ranges: list[RangeRow] = []
        self.fixed = FixedStrip(bridge, self)
        self.pat = PatRegisterRow(bridge, self)
        self.cr0 = ValueRow(bridge, CR0_ID, "CR0.CD", self)
        self.capability = ValueRow(bridge, MTRRCAP, "IA32_MTRRCAP", self)
        self.detail = DetailEditor(bridge, self)
        self._empty = Empty("The registers appear when the first run is done.", self)
        self._lay_out()
        self._connect()

    @property
    def rows(self) -> tuple[RegisterRow, ...]:
        """All rows but the strip of the fixed ranges, from top to bottom."""
        return (self.deftype, *self.ranges, self.pat, self.cr0, self.capability)

    def _lay_out(self) -> None:
        content = QFrame(self)
        content.setObjectName("panel")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(4, 2, 4, 8)
        self._column.setSpacing(0)
        self._add(self.deftype)
        self._ranges_heading = self._add_heading("Variable ranges")
        self._add(*self.ranges)
        self._add_heading("Fixed ranges, 0 to 1 MiB")
        self._add(self.fixed)
        self._column.addSpacing(6)
        self._add(self.pat, self.cr0, self.capability)
        self._column.addStretch(1)
        self.detail.hide()
        self.scroller = QScrollArea(self)
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(content)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(280)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._with_picker())

    def _with_picker(self) -> QFrame:
        """Return the picker, always in view, above the scrolling overview."""
        page = QFrame(self)
        page.setObjectName("panel")
        lines = QVBoxLayout(page)
        lines.setContentsMargins(0, 4, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.picker)
        lines.addWidget(self.scroller)
        return page

    def _add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            self._column.addWidget(widget)

    def _add_heading(self, text: str) -> QWidget:
        heading = Heading(text, self)
        heading.setContentsMargins(6, 8, 6, 3)
        self._column.addWidget(heading)
        return heading

    def _connect(self) -> None:
        self.picker.chosen.connect(self.bridge.document.select_vcpu)
        for row in self.rows:
            self._connect_row(row)
        self.fixed.opened.connect(self._fixed_opened)
        self.scroller.verticalScrollBar().rangeChanged.connect(self._range_changed)
        self.fixed.stepped.connect(partial(self._step_from, self.fixed))

    def _connect_row(self, row: RegisterRow) -> None:
        row.clicked.connect(partial(self._row_clicked, row))
        row.stepped.connect(partial(self._step_from, row))

    def _fit_pairs(self, pairs: int) -> None:
        """Have as many rows of variable ranges as the machine has pairs."""
        if len(self.ranges) != pairs and self._open is not None:
            self.open_registers(None)
        while len(self.ranges) > pairs:
            row = self.ranges.pop()
            row.hide()
            self._spare_ranges.append(row)
        while len(self.ranges) < pairs:
            self.ranges.append(self._another_range())

    def _another_range(self) -> RangeRow:
        """Return the row of the next pair, in its place."""
        if self._spare_ranges:
            row = self._spare_ranges.pop()
            row.show()
            return row
        row = RangeRow(self.bridge, len(self.ranges), self)
        above = self.ranges[-1] if self.ranges else self._ranges_heading
        self._column.insertWidget(self._column.indexOf(above) + 1, row)
        self._connect_row(row)
        return row

    # Following the document

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the registers at the playhead, and what the user asked to see of them."""
        if Change.OPENED in changes:
            self.forget_document()
        if changes - {Change.SELECTED_ITEM}:
            self._show_registers()
        if Change.SELECTED_ITEM in changes:
            self._show_selection()

    def forget_document(self) -> None:
        """Drop what was kept of another scenario, whose machine may be another too."""
        self._place = ()
        self.detail.revert()
        for row in self.rows:
            row.setAccessibleName("")

    def _show_registers(self) -> None:
        """Show the registers at the playhead; does nothing if they cannot have changed."""
        document = self.bridge.document
        state = document.state
        self._stack.setCurrentIndex(0 if state is None else 1)
        if state is None:
            return
        events = state.run.scenario.events_until(document.playhead_ns)
        place = (state.run, document.vcpu, events)
        if document.playhead_ns != self._shown_playhead():
            self.detail.revert()
        if place == self._place:
            self.detail.writer.count_leaves()  # they come and go between events too
            return
        self._place = place
        vcpu = min(document.vcpu, state.machine.vcpus - 1)
        self._show(state.machine, vcpu)

    def _shown_playhead(self) -> object:
        """Return the time last shown and note the one shown now."""
        before, self._playhead = self._playhead, self.bridge.document.playhead_ns
        return before

    def _show(self, machine: Machine, vcpu: int) -> None:
        self._machine = machine
        self._fit_pairs(machine.mtrr(vcpu).pairs)
        self.picker.show_vcpus(machine.vcpus, vcpu, self._finder.find(machine))
        for row in self.rows:
            values = tuple(read_register(machine, vcpu, msr) for msr in row.msrs)
            is_unknown = not machine.mtrr(vcpu).unknown.isdisjoint(row.msrs)
            differs = self._difference(machine, vcpu, row.msrs)
            row.show_values(values, differs, is_unknown=is_unknown)
        fixed = fixed_codes(machine.mtrr(vcpu))
        differing = frozenset(m for m in FIXED_MSRS if differs_from_first(machine, vcpu, m))
        self.fixed.show_values(fixed, differing, enabled=machine.mtrr(vcpu).fixed_enabled)
        if self._open is not None:
            self.detail.show_registers(machine, vcpu, self._open)

    def _difference(self, machine: Machine, vcpu: int, msrs: tuple[int, ...]) -> str:
        """Say what the first has instead, where a row's registers differ from its."""
        cpu = self.bridge.document.scenario.machine.cpu_word
        words: list[str] = []
        for msr in msrs:
            if vcpu and differs_from_first(machine, vcpu, msr):
                first = read_register(machine, 0, msr)
                value = str(cd_bit(first)) if msr == CR0_ID else f"{first:#_x}"
                words.append(f"{cpu} 0 has {difference_name(msr)} {value}")
        return ", ".join(words)

    def _show_selection(self) -> None:
        """Open the register that the user asked to see, and frame its field."""
        selection = self.bridge.document.selection
        if selection is None or selection.msr is None:
            self.fixed.point_at(0, None)
            self.detail.grid.point_at("")
            return
        msr = selection.msr
        if self._open is None or msr not in self._open:
            self.open_register(msr)
        self.detail.point_at(msr, selection.field)
        fields = [field.name for field in register(msr).fields]
        is_byte = msr in FIXED_MSRS and selection.field in fields
        self.fixed.point_at(msr, fields.index(selection.field) if is_byte else None)

    # What the user does

    def _row_clicked(self, row: RegisterRow) -> None:
        self.open_registers(row.msrs if row.isChecked() else None)

    def _fixed_opened(self, msr: int) -> None:
        self.open_registers(None if self._open == (msr,) else (msr,))

    def _step_from(self, place: QWidget, step: int) -> None:
        """Move the keyboard to the row above or below."""
        after = (self.fixed, self.pat, self.cr0, self.capability)
        order: list[QWidget] = [self.deftype, *self.ranges, *after]
        index = order.index(place) + step
        if 0 <= index < len(order):
            order[index].setFocus(Qt.FocusReason.TabFocusReason)
            self.scroller.ensureWidgetVisible(order[index], 0, 24)

    def open_register(self, msr: int) -> None:
        """Open the editor of the row that a register is in; does nothing if there is none."""
        rows = [*(row.msrs for row in self.rows), *((fixed,) for fixed in FIXED_MSRS)]
        found = next((msrs for msrs in rows if msr in msrs), None)
        if found is not None:
            self.open_registers(found)

    @property
    def open_register_id(self) -> int | None:
        """The register whose editor is open: of a pair the one asked for, else the base."""
        if self._open is None:
            return None
        selection = self.bridge.document.selection
        asked = None if selection is None else selection.msr
        return asked if asked in self._open else self._open[0]

    def open_registers(self, msrs: tuple[int, ...] | None) -> None:
        """Open the editor for one row's registers, right below it; None closes it."""
        self._open = msrs
        self.opened.emit()
        for row in self.rows:
            row.setChecked(row.msrs == msrs)
        self.fixed.set_open(msrs[0] if msrs and msrs[0] in FIXED_MSRS else None)
        self._column.removeWidget(self.detail)
        if msrs is None or self._machine is None:
            self.detail.hide()
            self.detail.writer.forget()
            return
        place = self._place_of(msrs)
        self._column.insertWidget(self._column.indexOf(place) + 1, self.detail)
        self.detail.show()
        vcpu = min(self.bridge.document.vcpu, self._machine.vcpus - 1)
        self.detail.revert()
        self.detail.show_registers(self._machine, vcpu, msrs)
        self.detail.order_focus(place)
        # The editor has its height only once the layout has been done, which may or may not
        # change how far there is to scroll.
        self._must_scroll = True
        QTimer.singleShot(0, self, self._scroll_to_detail)
        QTimer.singleShot(_SETTLED_MS, self, self._settle)

    def _range_changed(self) -> None:
        """Finish bringing a fresh editor into view; later changes leave the scrolling alone."""
        self._scroll_to_detail()
        self._settle()

    def _settle(self) -> None:
        self._must_scroll = False

    def _place_of(self, msrs: tuple[int, ...]) -> QWidget:
        """Return the row, or the strip, that stands for these registers."""
        return next((row for row in self.rows if row.msrs == msrs), self.fixed)

    def row_of(self, msr: int) -> QWidget:
        """Return the row, or the strip, that shows a register."""
        return next((row for row in self.rows if msr in row.msrs), self.fixed)

    def _scroll_to_detail(self) -> None:
        """Bring the open row and as much of its editor as fits into view."""
        if self._open is None or not self._must_scroll:
            return
        row = self._place_of(self._open)
        both = QRect(row.geometry()).united(self.detail.geometry())
        bar = self.scroller.verticalScrollBar()
        height = self.scroller.viewport().height()
        if both.bottom() > bar.value() + height:
            bar.setValue(min(both.bottom() - height + 8, row.geometry().top()))
        elif both.top() < bar.value():
            bar.setValue(both.top())
