"""The map's text twin: a table of ranges for reading, screen readers and copying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QBrush, QColor, QShowEvent
from PySide6.QtWidgets import (
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.words import plural
from mtrrviz.facts.ranges import COLUMNS, MOST_ROWS, RangeRow, range_rows
from mtrrviz.facts.sdm_difference import unlike_for
from mtrrviz.gui.common.copying import copy_table
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import plain_table
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.shell.bridge import Bridge

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_NUMBERS = frozenset({1, 4})
_LEAF, _NEXT, _STALE = COLUMNS.index("Leaf"), COLUMNS.index("Next fault"), COLUMNS.index("Stale")
_CONCERNS = frozenset(
    {Change.PLAYHEAD, Change.RUN, Change.SCENARIO, Change.POLICY, Change.VCPU, Change.OPENED}
)
_INTERVAL_MS = 120


class MapRanges(QAbstractTableModel):
    """The rows of :func:`range_rows` as an item model."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: list[RangeRow] = []
        self._cells: dict[int, tuple[str, ...]] = {}

    def set_rows(self, rows: list[RangeRow]) -> None:
        """Show other rows; where only their words differ the view keeps its place."""
        if rows == self._rows:
            return
        self.beginResetModel()
        self._rows, self._cells = rows, {}
        self.endResetModel()

    def row(self, number: int) -> RangeRow:
        """Return a row's range."""
        return self._rows[number]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of ranges."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's words, alignment, colour or type mark."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        words = self._words(index.row())[column]
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: words,
            Qt.ItemDataRole.TextAlignmentRole: lambda: _alignment(column),
            Qt.ItemDataRole.DecorationRole: lambda: self._mark(row, column),
            Qt.ItemDataRole.ForegroundRole: lambda: self._brush(row, column),
            Qt.ItemDataRole.AccessibleTextRole: lambda: f"{COLUMNS[column]}: {words or 'no'}",
        }
        answer = answers.get(role)
        return answer and answer()

    def _words(self, number: int) -> tuple[str, ...]:
        if number not in self._cells:
            self._cells[number] = self._rows[number].cells()
        return self._cells[number]

    def _mark(self, row: RangeRow, column: int) -> QColor | None:
        """Return the colour of the type that a cell speaks of."""
        if column == _LEAF and row.bits is not None:
            return QColor(self._bridge.theme.type_colour(row.bits >> 3 & 7))
        if column == _NEXT and row.region is not None and row.region.has_slot:
            return QColor(self._bridge.theme.type_colour(row.next_bits >> 3 & 7))
        return None

    def _brush(self, row: RangeRow, column: int) -> QBrush | None:
        theme = self._bridge.theme
        if column == _STALE:
            return QBrush(QColor(theme.warning))
        return QBrush(QColor(theme.dim)) if row.bits is None else None


def _alignment(column: int) -> Qt.AlignmentFlag | None:
    """Return how a column is aligned: numbers to the right, words as usual."""
    if column in _NUMBERS:
        return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    return None


class RangesView(QWidget):
    """The table with what it shows said above it; Ctrl+C copies, Enter selects the page."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = MapRanges(bridge, self)
        self.table = self._make_table()
        self._about = Label("", self)
        self._about.setObjectName("dim")
        self._timer = one_shot(self, _INTERVAL_MS, self.refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addWidget(self._about)
        column.addWidget(self.table, 1)
        copy_table(self.table).done.connect(bridge.message)
        bridge.changed.connect(self._document_changed)
        bridge.theme_changed.connect(self.table.viewport().update)
        self.setFocusProxy(self.table)

    def _make_table(self) -> QTableView:
        table = plain_table(self.model, "EPT map as a table of ranges", self)
        table.activated.connect(self._select)
        table.doubleClicked.connect(self._select)
        return table

    def _select(self, index: QModelIndex) -> None:
        if index.isValid():
            self._bridge.document.select_page(self.model.row(index.row()).first_gfn)

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if changes & _CONCERNS and self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        self.refresh()
        super().showEvent(event)

    def refresh(self) -> None:
        """Show the ranges as they are now, keeping the place."""
        document = self._bridge.document
        state = document.state
        if state is None:
            self._about.setText("The first run is being made.")
            return
        scroll = self.table.verticalScrollBar().value()
        unlike = unlike_for(state.machine, document.vcpu, state.run.scenario.machine)
        self.model.set_rows(range_rows(state, document.vcpu, unlike))
        self.table.verticalScrollBar().setValue(scroll)
        count = self.model.rowCount()
        more = " (and more that are not listed)" if count >= MOST_ROWS else ""
        self._about.setText(
            f"{plural(count, 'range')}{more}; next fault: of vCPU {document.vcpu}; Ctrl+C copies"
        )
