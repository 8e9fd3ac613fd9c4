"""The map's text twin: a table of ranges for reading, screen readers and copying."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import (
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.ept import type_code
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.hosts.host_ranges import host_ranges_at
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.facts.tables.host_range_rows import HostRangeRows
from mtrrviz.facts.tables.range_rows import RangeRows
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.latest import Latest
from mtrrviz.gui.common.looks.type_marks import type_icon
from mtrrviz.gui.common.naming import Naming
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.tables.copying import copy_table
from mtrrviz.gui.common.tables.rows_model import CellLook, RowsModel
from mtrrviz.gui.common.widgets import mono_font, plain_table
from mtrrviz.gui.stops.stop_actions import add_stop_actions
from mtrrviz.session.changes import Change
from mtrrviz.session.runs import at_once
from mtrrviz.session.stop_targets import range_stops

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPoint

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.run import State

#: More ranges of a real machine nobody reads; the view says so and ends.
MOST_ROWS = 20_000
#: The ranges of more leaves are worked out beside the window.
_AT_ONCE = 50_000


def _look(bridge: Bridge) -> CellLook:
    """Mark cells with the colour of the type that they speak of."""

    def mark(rows: RangeRows | HostRangeRows, row: int, key: str) -> QIcon | None:
        if isinstance(rows, HostRangeRows):
            kind = rows.items[row].types[0].memory_type if key == "type" else None
            return None if kind is None else type_icon(bridge.theme, kind)
        mapped = rows.items[row]
        if key == "leaf_type" and mapped.bits is not None:
            return type_icon(bridge.theme, type_code(mapped.bits))
        if key == "next_fault_type" and mapped.has_slot:
            return type_icon(bridge.theme, type_code(mapped.next_bits))
        return None

    def ink(rows: RangeRows | HostRangeRows, row: int, key: str) -> QColor | None:
        if isinstance(rows, HostRangeRows):
            return None
        if key == "stale":
            return QColor(bridge.theme.warning)
        return QColor(bridge.theme.dim) if rows.items[row].bits is None else None

    return CellLook(mark=mark, ink=ink)


class RangesView(FollowsDocument):
    """The table with what it shows said above it; Ctrl+C copies, Enter selects the page."""

    follows = frozenset(
        {Change.PLAYHEAD, Change.RUN, Change.SCENARIO, Change.POLICY, Change.VCPU, Change.OPENED}
    )
    pace_ms = 120

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._latest = Latest()
        self.model = RowsModel(RangeRows, bridge.theme, mono_font(self), self, _look(bridge))
        self.table = self._make_table()
        self._about = Label("", self)
        self._about.setObjectName("dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addWidget(self._about)
        column.addWidget(self.table, 1)
        self._copying = copy_table(self.table, has_menu=True)
        self._copying.done.connect(bridge.message)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._show_menu)
        bridge.theme_changed.connect(lambda: self.model.set_theme(bridge.theme))
        self.setFocusProxy(self.table)

    def _make_table(self) -> QTableView:
        table = plain_table(self.model, "", self)
        Naming(table, self.bridge, "{types} as a table of ranges")
        table.activated.connect(self._select)
        table.doubleClicked.connect(self._select)
        return table

    def _select(self, index: QModelIndex) -> None:
        rows = self.model.rows
        if index.isValid() and isinstance(rows, RangeRows | HostRangeRows):
            first_gfn = rows.items[self.model.source_row(index.row())].first_gfn
            self.bridge.document.select_page(first_gfn)

    def _show_menu(self, position: QPoint) -> None:
        menu = self.make_menu(self.table.indexAt(position))
        menu.popup(self.table.viewport().mapToGlobal(position))

    def menu_now(self) -> QMenu:
        """Return the context menu of the current range, or of the list."""
        return self.make_menu(self.table.currentIndex())

    def make_menu(self, index: QModelIndex) -> QMenu:
        """Return the context menu: copying and, on a range, stops at what happens to its pages."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._copying.add_to(menu)
        rows = self.model.rows
        if index.isValid() and isinstance(rows, RangeRows):
            span = rows.items[self.model.source_row(index.row())]
            stops = range_stops((span.first_gfn, span.end_gfn), self.bridge.document.vcpu)
            add_stop_actions(menu, self.bridge, stops)
        return menu

    def show_document(self, changes: frozenset[Change]) -> None:  # noqa: ARG002
        """Show the ranges as they are now, keeping the place; of many a little later."""
        document = self.bridge.document
        state, vcpu = document.state, document.vcpu
        if state is None:
            self._latest.drop()
            self._about.setText("The first run is being simulated.")
            return
        self._latest.ask(
            at_once if len(state.run.leaves) <= _AT_ONCE else document.executor,
            lambda: _rows_at(state, vcpu),
            self._show,
            about=(state.run, vcpu),
        )

    def forget_document(self) -> None:
        """Let go of the rows."""
        self._latest.drop()
        self.model.set_rows(None)
        self._about.clear()

    def _show(self, rows: RangeRows | HostRangeRows) -> None:
        scroll = self.table.verticalScrollBar().value()
        self.model.set_rows(rows)
        self.table.verticalScrollBar().setValue(scroll)
        is_host = isinstance(rows, HostRangeRows)
        more = " (and more that are not listed)" if is_host and len(rows) == MOST_ROWS else ""
        whose = "types: of CPU" if is_host else "next fault: of vCPU"
        vcpu = rows.cpu if isinstance(rows, HostRangeRows) else rows.vcpu_asked
        self._about.setText(f"{plural(len(rows), 'range')}{more}; {whose} {vcpu}; Ctrl+C copies")


def _rows_at(state: State, vcpu: int) -> RangeRows | HostRangeRows:
    if state.run.scenario.machine.is_host:
        found = tuple(islice(host_ranges_at(state, vcpu), MOST_ROWS))
        return HostRangeRows(state, vcpu, found)
    return RangeRows(state, vcpu, ranges_at(state, vcpu))
