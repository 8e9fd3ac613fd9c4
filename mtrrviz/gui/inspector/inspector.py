"""The inspector: the selected page's leaf, why it has its type, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.gui.inspector.address_field import AddressField
from mtrrviz.gui.inspector.fact_list import FactList, StepList
from mtrrviz.gui.inspector.history_model import HistoryModel
from mtrrviz.gui.widgets import Empty, Heading
from mtrrviz.session.changes import Change
from mtrrviz.session.page_facts import PageFacts, page_facts, past_leaves

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from mtrrviz.gui.bridge import Bridge
    from mtrrviz.sim.run import Run

#: While the playhead moves the words change at most this often, in ms.
_INTERVAL_MS = 100
_NOTHING = "Click a page in the map, walk there with the arrow keys, or type its address above."
_CONCERNS = frozenset(set(Change) - {Change.MARKERS, Change.PLAYBACK, Change.FILE})


class Inspector(QWidget):
    """Shows the document's selected page at the playhead."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self._shown: tuple[Run, int] | None = None
        self.address = AddressField(self)
        self.facts = FactList(bridge, self)
        self.steps = StepList(bridge, self)
        self.history = HistoryModel(bridge, self)
        self.table = self._make_table()
        self._empty = Empty(_NOTHING, self)
        self._why, self._past = Heading("", self), Heading("", self)
        self._body = self._make_body()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.refresh)
        self._lay_out()
        self.address.entered.connect(bridge.document.select_page)
        bridge.changed.connect(self._document_changed)
        bridge.theme_changed.connect(self.refresh)
        self.setAccessibleName("Inspector")
        self.refresh()

    def focus_address(self) -> None:
        """Put the cursor into the address field."""
        self.address.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.address.edit.selectAll()

    # Building

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.history)
        table.setAccessibleName("Leaves this page had")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 6)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.clicked.connect(self._go_to_birth)
        table.activated.connect(self._go_to_birth)
        table.setMinimumHeight(110)
        return table

    def _make_body(self) -> QWidget:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(6)
        for widget in (self.facts, self._why, self.steps, self._past):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        return body

    def _lay_out(self) -> None:
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._body)
        # The scroll area fills its widget with the window's colour; the panel's is wanted.
        self._body.setAutoFillBackground(False)
        self._scroll = scroll
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 4, 6)
        column.setSpacing(6)
        column.addWidget(self.address)
        column.addWidget(self._empty, 1)
        column.addWidget(scroll, 1)
        self.setMinimumWidth(230)

    # Showing

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if not changes & _CONCERNS or not self.isVisible():
            return
        if changes <= {Change.PLAYHEAD}:
            if not self._timer.isActive():
                self._timer.start()
            return
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        self.refresh()
        super().showEvent(event)

    def refresh(self) -> None:
        """Show the selected page as it is now."""
        document = self.bridge.document
        self.address.set_limit(1 << document.scenario.machine.maxphyaddr)
        state, gfn = document.state, document.gfn
        if gfn is None or state is None:
            self._say(_NOTHING if gfn is None else "The first run is being made.")
            return
        try:
            facts = page_facts(state, gfn, document.vcpu)
        except MtrrvizError as error:
            self._say(str(error))
            return
        self.address.show_gpa(gfn << PAGE_SHIFT)
        self._show(facts, state.run, gfn)

    def _say(self, words: str) -> None:
        """Show words instead of a page."""
        self._empty.setText(words)
        self._empty.show()
        self._scroll.hide()

    def _show(self, facts: PageFacts, run: Run, gfn: int) -> None:
        self._empty.hide()
        self._scroll.show()
        self.facts.show_facts(facts.facts)
        self._why.setText(facts.question)
        self.steps.show_steps(facts.explanation.steps)
        if self._shown is None or self._shown[0] is not run or self._shown[1] != gfn:
            self._shown = (run, gfn)
            self.history.set_leaves(past_leaves(run, gfn))
        count = self.history.rowCount()
        self._past.setText(f"Leaves of this page: {count:,}" if count else "No leaf in this run")
        self.table.setVisible(count > 0)
        self.history.set_time(self.bridge.document.playhead_ns)

    def _go_to_birth(self, index: QModelIndex) -> None:
        """Move the playhead to when the leaf of a row was born."""
        if index.isValid():
            self.bridge.document.set_playhead(self.history.leaf(index.row()).born_ns)
