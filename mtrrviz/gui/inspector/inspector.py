"""The inspector: the selected page's leaf, why it has its type, and its history."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.explaining.page_facts import PageFacts, page_facts, past_leaves
from mtrrviz.analysis.explaining.past_leaf_rows import PastLeafRows
from mtrrviz.analysis.explaining.pat_rows import PatRows
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import PAT
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.looks.type_marks import type_icon
from mtrrviz.gui.common.naming import Naming
from mtrrviz.gui.common.tables.copying import copy_table
from mtrrviz.gui.common.tables.rows_model import CellLook, RowsModel
from mtrrviz.gui.common.widgets import Empty, Heading, mono_font, plain_table, scrolling
from mtrrviz.gui.inspector.address_field import AddressField
from mtrrviz.gui.inspector.fact_list import FactList, SettledLabel
from mtrrviz.gui.inspector.step_list import StepList
from mtrrviz.session.changes import Change
from mtrrviz.session.pointing import show_event, show_step
from mtrrviz.session.selection import Selection

if TYPE_CHECKING:
    from mtrrviz.analysis.explaining.explanation import Step
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.run import Run

_NOTHING = "Click a page in the map, walk there with the arrow keys, or type its address above."


class Inspector(FollowsDocument):
    """Shows the document's selected page at the playhead."""

    follows = frozenset(Change) - {
        *(Change.MARKERS, Change.CHOSEN, Change.PLAYBACK, Change.FILE, Change.DIFFERENCES)
    }
    pace_ms = 100

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._shown: tuple[weakref.ref[Run], int] | None = None
        self.address = AddressField(self)
        self.facts = FactList(bridge, self)
        self.steps = StepList(bridge, self)
        self.history = RowsModel(
            PastLeafRows, bridge.theme, mono_font(self), self, _history_look(bridge)
        )
        self.table = self._make_history_table()
        self.pat = RowsModel(PatRows, bridge.theme, mono_font(self), self, _pat_look(bridge))
        self.pat_table = self._make_pat_table()
        self.pat_notes = SettledLabel(self)
        self.pat_notes.setObjectName("dim")
        self.pat_notes.setWordWrap(True)
        self.pat_notes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._empty = Empty(_NOTHING, self)
        self._why, self._past = Heading("", self), Heading("", self)
        self._pat_title = Heading("", self)
        for heading in (self._why, self._past, self._pat_title):
            heading.setWordWrap(True)
        self._body = self._make_body()
        self._lay_out()
        Naming(self.address.edit, bridge, "Go to {address}")
        self.address.entered.connect(bridge.document.select_page)
        self.steps.step_chosen.connect(self._show_step)
        self.steps.event_chosen.connect(self._show_event)
        self.steps.walked.connect(self._keep_in_view)
        self.steps.cleared.connect(lambda: bridge.document.point_at(None))
        bridge.theme_changed.connect(self._recolour)
        self.setAccessibleName("Inspector")

    def focus_address(self) -> None:
        """Put the cursor into the address field."""
        self.address.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.address.edit.selectAll()

    # Building

    def _make_history_table(self) -> QTableView:
        table = self._make_table("Leaves this page had", self.history)
        table.clicked.connect(self._go_to_birth)
        table.activated.connect(self._go_to_birth)
        table.setMinimumHeight(110)
        return table

    def _make_pat_table(self) -> QTableView:
        """Return the table of the PAT's entries, as high as its rows and so without scroll bars."""
        table = self._make_table("", self.pat)
        Naming(table, self.bridge, "{pat} and effective type")
        table.clicked.connect(self._show_pat_entry)
        table.activated.connect(self._show_pat_entry)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return table

    def _make_table(self, name: str, model: QAbstractItemModel) -> QTableView:
        table = plain_table(model, name, self)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setWordWrap(True)
        table.setMinimumWidth(120)
        copy_table(table).done.connect(self.bridge.message)
        return table

    def _make_body(self) -> QWidget:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(6)
        for widget in (self.facts, self._why, self.steps):
            column.addWidget(widget)
        for widget in (self._pat_title, self.pat_table, self.pat_notes, self._past):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        return body

    def _lay_out(self) -> None:
        self._scroll = scrolling(self._body, self, "Inspector")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 4, 6)
        column.setSpacing(6)
        column.addWidget(self.address)
        column.addWidget(self._empty, 1)
        column.addWidget(self._scroll, 1)
        self.setMinimumWidth(230)

    # Showing

    def _recolour(self) -> None:
        for model in (self.history, self.pat):
            model.set_theme(self.bridge.theme)
        self.refresh()

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the selected page as it is now."""
        document = self.bridge.document
        if Change.OPENED in changes:
            self.address.forget()
        self.address.set_limit(1 << document.scenario.machine.maxphyaddr)
        state, gfn = document.state, document.gfn
        self.address.show_gpa(None if gfn is None else gfn << PAGE_SHIFT)
        if gfn is None or state is None:
            self._say(_NOTHING if gfn is None else "The first run is being simulated.")
            return
        try:
            facts = page_facts(state, gfn, document.vcpu)
        except MtrrvizError as error:
            self._say(str(error))
            return
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
        self.steps.show_steps(facts.explanation.steps, self.bridge.document.selection)
        self._show_pat(facts)
        self._show_history(run, gfn)
        count = self.history.rowCount()
        self._past.setText(f"Leaves of this page: {count:,}" if count else "No leaf in this run")
        self._past.setVisible(not run.scenario.machine.is_host)
        self.table.setVisible(count > 0)

    def _show_history(self, run: Run, gfn: int) -> None:
        """Show the leaves of the page, or the same ones at another time."""
        now_ns, rows = self.bridge.document.playhead_ns, self.history.rows
        shown = self._shown
        if shown and (shown[0](), shown[1]) == (run, gfn) and isinstance(rows, PastLeafRows):
            if rows.now_ns != now_ns:
                self.history.update_rows(PastLeafRows(rows.items, now_ns), now_ns)
            return
        self._shown = (weakref.ref(run), gfn)
        self.history.set_rows(PastLeafRows(past_leaves(run, gfn), now_ns), now_ns)

    def _show_pat(self, facts: PageFacts) -> None:
        """Show what the guest's PAT makes of the page; nothing where there can be no leaf."""
        self.pat.set_rows(PatRows(facts.explanation.pat))
        count = self.pat.rowCount()
        self._pat_title.setText(facts.pat_question)
        self.pat_notes.say(facts.pat_notes)
        for widget in (self._pat_title, self.pat_table):
            widget.setVisible(count > 0)
        self.pat_notes.setVisible(count > 0 and bool(facts.pat_notes))
        header, row = self.pat_table.horizontalHeader(), self.pat_table.verticalHeader()
        height = header.sizeHint().height() + count * row.defaultSectionSize() + 4
        if height != self.pat_table.height():
            self.pat_table.setFixedHeight(height)

    def _show_step(self, step: Step) -> None:
        """Let registers, map and events show what a step speaks of."""
        self.bridge.message.emit(show_step(self.bridge.document, step))

    def _keep_in_view(self, row: QWidget) -> None:
        """Scroll to the step that the keyboard went to."""
        self._scroll.ensureWidgetVisible(row, 0, 8)

    def _show_event(self, step: Step) -> None:
        """Go to the event that set what a step speaks of."""
        self.bridge.message.emit(show_event(self.bridge.document, step))

    def _show_pat_entry(self, index: QModelIndex) -> None:
        """Let the registers show an entry of the PAT."""
        if index.isValid():
            document = self.bridge.document
            document.point_at(Selection(document.vcpu, PAT, f"PA{index.row()}"))

    def _go_to_birth(self, index: QModelIndex) -> None:
        """Move the playhead to when the leaf of a row was born."""
        if index.isValid():
            self.bridge.document.set_playhead(self.history.time_ns(index.row()))


def _history_look(bridge: Bridge) -> CellLook:
    """Dim the leaves that have gone; a tip has the row in one sentence."""

    def ink(rows: PastLeafRows, row: int, _key: str) -> QColor | None:
        return None if rows.items[row].is_alive(rows.now_ns) else QColor(bridge.theme.dim)

    def sentence(rows: PastLeafRows, row: int, _key: str) -> str:
        cells = zip(rows.titles, rows.texts(row), strict=True)
        words = ", ".join(f"{title} {cell}" for title, cell in cells)
        return f"{words}. Click to go to the time it was made."

    return CellLook(ink=ink, tip=sentence, spoken=sentence)


def _pat_look(bridge: Bridge) -> CellLook:
    """Put the colour of a type before its name; a tip has the row in sentences."""

    def mark(rows: PatRows, row: int, key: str) -> QIcon | None:
        code = rows.type_code(row, key)
        return None if code is None else type_icon(bridge.theme, code)

    def sentences(rows: PatRows, row: int, _key: str) -> str:
        return rows.sentences(row)

    return CellLook(mark=mark, tip=sentences, spoken=sentences)
