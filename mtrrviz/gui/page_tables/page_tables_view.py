"""The page tables as they are: PML4, PDPT, PD and PT, each a grid of 512 cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.explaining.page_facts import entry_words, format_entry
from mtrrviz.core.ept import FOUR_LEVEL_GFNS
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record
from mtrrviz.facts.ept_table import (
    ENTRIES,
    EntryKind,
    PageTable,
    entry_index,
    entry_text,
    entry_value,
    path_text,
    table_entries,
    table_start,
    table_title,
)
from mtrrviz.facts.expected import Expected, expected_for
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.latest import Latest
from mtrrviz.gui.common.looks.text_size import keep_limits
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.widgets import Heading, mono_font
from mtrrviz.gui.map.map_palette import blend, ink_on, tint_colour
from mtrrviz.session.changes import Change
from mtrrviz.session.runs import at_once

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.run import State

_COLUMNS, _ROWS = 32, 16
#: The table of a moment with more leaves is worked out beside the window.
_AT_ONCE = 500_000
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -_COLUMNS,
    Qt.Key.Key_Down: _COLUMNS,
}


class PageTableGrid(QWidget):
    """Paints one table; ``chosen`` carries an entry's index, ``entered`` one to descend into."""

    chosen = Signal(int)
    entered = Signal(int)
    left = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._bridge = bridge
        self._table: PageTable | None = None
        self._expected: Expected | None = None
        self._cursor: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(_COLUMNS * 9, _ROWS * 12)
        keep_limits(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Page table of 512 entries")
        bridge.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return a size at which the type's letters fit."""
        return QSize(_COLUMNS * 19, _ROWS * 20)

    def show_table(
        self, table: PageTable | None, expected: Expected | None, cursor: int | None
    ) -> None:
        """Show a table with one entry marked."""
        self._table, self._expected, self._cursor = table, expected, cursor
        if table is not None and expected is not None and cursor is not None:
            self.setAccessibleDescription("; ".join(entry_text(table, cursor, expected)))
        self.update()

    def cell_rect(self, index: int) -> QRect:
        """Return the rectangle of a cell; edges follow the width so that all of it is used."""
        row, column = divmod(index, _COLUMNS)
        left, right = (
            (self.width() - 4) * column // _COLUMNS,
            (self.width() - 4) * (column + 1) // _COLUMNS,
        )
        top, bottom = (self.height() - 4) * row // _ROWS, (self.height() - 4) * (row + 1) // _ROWS
        return QRect(2 + left, 2 + top, right - left - 1, bottom - top - 1)

    def index_at(self, position: QPointF) -> int | None:
        """Return the entry at a point, or None."""
        column = int((position.x() - 2) * _COLUMNS / max(1, self.width() - 4))
        row = int((position.y() - 2) * _ROWS / max(1, self.height() - 4))
        inside = 0 <= column < _COLUMNS and 0 <= row < _ROWS
        return row * _COLUMNS + column if inside else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all cells, the marked one last."""
        painter = QPainter(self)
        theme = self._bridge.theme
        painter.fillRect(event.rect(), QColor(theme.panel))
        if self._table is not None:
            font = painter.font()
            cell = self.cell_rect(0)
            font.setPixelSize(max(8, min(13, cell.width() // 2, cell.height() - 4)))
            painter.setFont(font)
            for index in range(ENTRIES):
                self._paint_cell(painter, theme, self._table, index)
            if self._cursor is not None:
                self._paint_cursor(painter, theme, self.cell_rect(self._cursor))
        painter.end()

    def _paint_cell(self, painter: QPainter, theme: Theme, table: PageTable, index: int) -> None:
        rect = self.cell_rect(index)
        kind = int(table.kind[index])
        next_types = _types(int(table.next_types[index]))
        if kind == EntryKind.LEAF:
            memory_type = MemoryType(int(table.bits[index]) >> 3 & 7)
            colour = QColor(theme.type_colour(memory_type))
            painter.fillRect(rect, colour)
            self._write(painter, rect, memory_type.name, ink_on(colour))
        elif kind == EntryKind.TABLE:
            self._paint_table_cell(painter, theme, table, index)
        elif table.has_slot[index]:
            painter.fillRect(rect, tint_colour(theme, next_types[0]))
        else:
            painter.fillRect(rect, blend(theme.panel, theme.type_colour(next_types[0]), 0.10))
            painter.setPen(QPen(blend(theme.panel, theme.type_colour(next_types[0]), 0.3), 1))
            painter.drawLine(rect.bottomLeft(), rect.topRight())

    def _paint_table_cell(
        self, painter: QPainter, theme: Theme, table: PageTable, index: int
    ) -> None:
        """Paint an entry that points to a table: a frame, the leaves below and their types."""
        rect = self.cell_rect(index)
        painter.fillRect(rect, QColor(theme.raised))
        painter.setPen(QColor(theme.dim))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
        types = _types(int(table.leaf_types[index]))
        band = QRect(rect.x() + 1, rect.bottom() - 3, rect.width() - 2, 3)
        for number, memory_type in enumerate(types):
            left = band.x() + band.width() * number // len(types)
            right = band.x() + band.width() * (number + 1) // len(types)
            part = QRect(left, band.y(), right - left, band.height())
            painter.fillRect(part, QColor(theme.type_colour(memory_type)))
        self._write(painter, rect.adjusted(0, 0, 0, -3), _short(int(table.leaves[index])),
                    QColor(theme.text))  # fmt: skip

    def _write(self, painter: QPainter, rect: QRect, words: str, ink: QColor) -> None:
        if painter.fontMetrics().horizontalAdvance(words) <= rect.width():
            painter.setPen(ink)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_cursor(self, painter: QPainter, theme: Theme, rect: QRect) -> None:
        painter.setPen(QPen(QColor(theme.panel), 1))
        painter.drawRect(rect.adjusted(1, 1, -2, -2))
        painter.setPen(QPen(QColor(theme.accent), 2 if self.hasFocus() else 1))
        painter.drawRect(rect.adjusted(-1, -1, 0, 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark the entry, and descend if it is a table."""
        index = self.index_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or index is None or self._table is None:
            return
        is_table = int(self._table.kind[index]) == EntryKind.TABLE
        (self.entered if is_table else self.chosen).emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark, descend or go up."""
        key = Qt.Key(event.key())
        cursor = self._cursor or 0
        if key in _STEPS and 0 <= cursor + _STEPS[key] < ENTRIES:
            self.chosen.emit(cursor + _STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(cursor)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
            self.left.emit()
        elif key not in _STEPS:
            super().keyPressEvent(event)

    def tip_at(self, position: QPoint) -> str:
        """Describe the entry under the pointer."""
        index = self.index_at(QPointF(position))
        if index is None or self._table is None or self._expected is None:
            return ""
        return "\n".join(entry_text(self._table, index, self._expected))


class _TableAsked(Record, eq=False):
    """What a table shown depends on."""

    state: State
    expected: Expected
    level: int
    first_gfn: int

    def is_at(self, other: _TableAsked) -> bool:
        """Whether the other asks for the same table, maybe at another moment."""
        return (self.level, self.first_gfn) == (other.level, other.first_gfn)

    def is_like(self, other: _TableAsked) -> bool:
        """Whether the other asks for the very same."""
        is_same = self.state is other.state and self.expected is other.expected
        return is_same and self.is_at(other)


class PageTablesView(FollowsDocument):
    """Walks the four levels; the table shown is the one on the way to the selected page."""

    follows = frozenset(Change) - {
        *(
            Change.MARKERS,
            Change.CHOSEN,
            Change.PLAYBACK,
            Change.FILE,
            Change.FIGURES,
            Change.DIFFERENCES,
        )
    }
    inspect_requested = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._level = 4
        self._table: PageTable | None = None
        self._answered: _TableAsked | None = None
        self._latest = Latest()
        self.grid = PageTableGrid(bridge, self)
        self._crumbs = QHBoxLayout()
        self._crumbs.setSpacing(4)
        self._title = Label("", self)
        self._title.setObjectName("dim")
        self._value = Label("", self)
        self._value.setFont(mono_font(self))
        self._words = Label("", self)
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words.setMinimumHeight(2 * self.fontMetrics().height() + 4)
        for label in (self._value, self._words):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self.grid.chosen.connect(self._choose)
        self.grid.entered.connect(self.descend)
        self.grid.left.connect(self.ascend)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(Heading("Page tables", self))
        top.addLayout(self._crumbs)
        top.addWidget(self._title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.grid, 1)
        column.addWidget(self._value)
        column.addWidget(self._words)
        self.setFocusProxy(self.grid)

    @property
    def level(self) -> int:
        """Level of the table shown, 4 (PML4) to 1 (PT)."""
        return self._level

    @property
    def words(self) -> str:
        """What is said about the marked entry."""
        return f"{self._value.text()}\n{self._words.text()}"

    @property
    def lines(self) -> tuple[str, ...]:
        """One line a present entry of the table shown, under its title."""
        table, answered = self._table, self._answered
        if table is None or answered is None:
            return ()
        expected = answered.expected
        present = [index for index in range(512) if table.kind[index] != EntryKind.ABSENT]
        lines = ("; ".join(entry_text(table, index, expected)) for index in present)
        return (table_title(table.level, table.first_gfn), *(lines if present else ("empty",)))

    def show_level(self, level: int) -> None:
        """Show the table of ``level`` on the way to the selected page."""
        self._level = level
        self._show_table()

    def descend(self, index: int) -> None:
        """Go into the table that an entry points to; of a leaf or nothing, only mark it."""
        table = self._table
        if table is None:
            return
        kind = int(table.kind[index])
        if kind == EntryKind.TABLE:
            self._level = table.level - 1
        self._choose(index)
        if kind == EntryKind.TABLE:
            self._show_table()
        elif kind == EntryKind.LEAF:
            self.inspect_requested.emit()

    def ascend(self) -> None:
        """Go back to the table above."""
        if self._level < 4:
            self.show_level(self._level + 1)

    def _choose(self, index: int) -> None:
        """Select the first page of an entry, unless a page of it is selected."""
        if self._table is None:
            return
        level, first = self._table.level, self._table.first_gfn
        gfn = self._gfn()
        inside = table_start(level, gfn) == first and entry_index(level, gfn) == index
        if self.bridge.document.gfn is None or not inside:
            self.bridge.document.select_page(self._table.entry_gfn(index))

    def _gfn(self) -> int:
        return min(self.bridge.document.gfn or 0, FOUR_LEVEL_GFNS - 1)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the table as it is now, of another scenario the topmost."""
        if Change.OPENED in changes:
            self._level = 4
        self._show_table()

    def forget_document(self) -> None:
        """Let go of the table."""
        self._latest.drop()
        self._table = self._answered = None
        self.grid.show_table(None, None, None)
        for label in (self._title, self._value, self._words):
            label.clear()

    def _show_table(self) -> None:
        document = self.bridge.document
        state = document.state
        if state is None:
            self.forget_document()
            self._words.setText("The first run is being simulated.")
            return
        expected = expected_for(state.machine, document.vcpu, state.run.scenario.machine)
        gfn = self._gfn()
        level, first_gfn = self._level, table_start(self._level, gfn)
        asked = _TableAsked(state, expected, level, first_gfn)
        table, answered = self._table, self._answered
        is_known = answered is not None and asked.is_like(answered)
        executor = at_once if len(state.run.leaves) <= _AT_ONCE else document.executor
        shows_mark = is_known or executor is not at_once  # which keys move at once
        if table is not None and answered is not None and asked.is_at(answered) and shows_mark:
            self._show(table, answered.expected, gfn)
        if is_known:
            self._latest.drop()
            return

        def tell(table: PageTable) -> None:
            self._answered = asked
            self._show(table, expected, self._gfn())

        self._latest.ask(
            executor,
            lambda: table_entries(state, level, first_gfn, expected),
            tell,
            about=(state.run, document.vcpu, level, first_gfn),
        )

    def _show(self, table: PageTable, expected: Expected, gfn: int) -> None:
        """Show a table with the entry of a page marked."""
        self._table = table
        cursor = entry_index(table.level, gfn)
        self.grid.show_table(table, expected, cursor)
        self._title.setText(table_title(table.level, table.first_gfn))
        self._describe(table, cursor, expected)
        self._show_crumbs(gfn)

    def _describe(self, table: PageTable, cursor: int, expected: Expected) -> None:
        value = entry_value(table, cursor)
        if value is None:
            self._value.setText("entry: the frame of the table below is not modelled")
        elif value == 0:
            self._value.setText(f"{format_entry(0)}  not present")
        else:
            self._value.setText(f"{format_entry(value)}  {entry_words(value)}")
        lines = entry_text(table, cursor, expected)
        missing = "" if table.exists else "This table does not exist now. "
        self._words.setText(missing + "  ·  ".join(lines))
        self._words.setToolTip(plain_tip("\n".join(lines)))

    def _show_crumbs(self, gfn: int) -> None:
        """Make the buttons of the tables on the way, if they changed."""
        wanted = path_text(self._level, gfn)
        shown = [
            item.widget().text()  # type: ignore[attr-defined]
            for at in range(self._crumbs.count())
            if (item := self._crumbs.itemAt(at)) is not None
        ]
        if shown == [label for _, label in wanted]:
            return
        while (item := self._crumbs.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for level, label in wanted:
            self._crumbs.addWidget(self._crumb(level, label))

    def _crumb(self, level: int, label: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(label)
        button.setCheckable(True)
        button.setChecked(level == self._level)
        button.setAccessibleName(f"Show table {label}")
        button.setMinimumHeight(24)
        button.clicked.connect(lambda: self.show_level(level))
        return button


def _types(mask: int) -> list[int]:
    return [bit for bit in range(8) if mask >> bit & 1] or [0]


def _short(count: int) -> str:
    """Return a count in at most four characters."""
    if count < 1000:
        return str(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
