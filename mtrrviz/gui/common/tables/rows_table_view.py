"""A table with a filter field that follows the playhead; the events' and the zaps' base."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import (
    QElapsedTimer,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.tables.copying import copy_table
from mtrrviz.gui.common.tables.plain_table import PlainTable
from mtrrviz.gui.common.tables.row_selection import selected_rows
from mtrrviz.gui.common.tables.rows_model import RowsModel
from mtrrviz.gui.common.widgets import Empty, hold_rows, mark_wrong, mono_font
from mtrrviz.session.changes import Change
from mtrrviz.session.playing.going_to import go_to_moment

if TYPE_CHECKING:
    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.gui.shell.bridge import Bridge

#: After the user scrolled or moved in the table, the playhead leaves it alone for so long.
_HANDS_OFF_MS = 2_500
#: While playing the table moves on this often: painting rows costs more than anyone can read.
_BEAT_MS = 80
_BUSY = "Filtering\N{HORIZONTAL ELLIPSIS}"
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier


class FollowingView(PlainTable):
    """A table view that knows whether the user is busy in it, and passes keys on as signals."""

    jump_requested = Signal()
    remove_requested = Signal()
    change_requested = Signal()
    add_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._since_touch = QElapsedTimer()
        hold_rows(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalScrollBar().sliderPressed.connect(self._touch)
        self.verticalScrollBar().sliderMoved.connect(self._touch)
        self.doubleClicked.connect(self._ask_to_jump)
        self.pressed.connect(self._touch)

    @property
    def is_busy(self) -> bool:
        """Whether the user scrolled or moved here a moment ago."""
        return self._since_touch.isValid() and self._since_touch.elapsed() < _HANDS_OFF_MS

    def _touch(self) -> None:
        self._since_touch.start()

    def _ask_to_jump(self) -> None:
        self.jump_requested.emit()

    def hold(self) -> None:
        """Keep the playhead from moving the current row for a moment."""
        self._touch()

    def release(self) -> None:
        """Let the playhead move the current row again."""
        self._since_touch.invalidate()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, and keep the playhead from scrolling against it."""
        self._touch()
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Jump, remove, change; other keys move."""
        signals = {
            Qt.Key.Key_Return: self.jump_requested,
            Qt.Key.Key_Enter: self.jump_requested,
            Qt.Key.Key_Delete: self.remove_requested,
            Qt.Key.Key_F2: self.change_requested,
            Qt.Key.Key_Insert: self.add_requested,
        }
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == _NO_MODIFIER
        wanted = signals.get(Qt.Key(event.key())) if plain else None
        if wanted is not None:
            wanted.emit()
            return
        self._touch()
        super().keyPressEvent(event)


class RowsTableView(FollowsDocument):
    """Filter field, count and table. Subclasses say which rows there are and add to the menu."""

    #: The changes that make other rows.
    remade_by: ClassVar[frozenset[Change]] = frozenset(
        {Change.SCENARIO, Change.OPENED, Change.RUN, Change.POLICY}
    )
    follows = remade_by | {Change.PLAYHEAD}
    #: The key of the column that takes the room which the others leave, "" for the last one.
    stretched: ClassVar[str] = ""

    def __init__(self, bridge: Bridge, kind: type[FactRows], parent: QWidget | None) -> None:
        super().__init__(bridge, parent)
        self._beat = one_shot(self, _BEAT_MS, self._show_playhead)
        self.model = self.make_model(kind)
        self.view = FollowingView(self)
        self.view.setModel(self.model)
        self.model.arranged.connect(self.rows_arrived)
        self._place: int | None = None
        self._awaited: tuple[int, int] | None = None
        self._samples: tuple[str, ...] = ()
        self.filter_field = self._make_filter_field()
        self._show_help(kind)
        self.follow = self._make_follow()
        self._count = Label()
        self._count.setObjectName("dim")
        self._empty = Empty("")
        self._pages = QStackedLayout()
        self._lay_out()
        self.view.jump_requested.connect(self.jump)
        self.copying = copy_table(self.view, has_menu=True)
        self.copying.done.connect(bridge.message)
        self.view.customContextMenuRequested.connect(self._show_menu)
        bridge.theme_changed.connect(lambda: self.model.set_theme(bridge.theme))

    def _make_filter_field(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setClearButtonEnabled(True)
        field.setAccessibleName("Filter")
        field.textChanged.connect(self._filter_changed)
        return field

    def _show_help(self, rows: FactRows | type[FactRows]) -> None:
        """Say how these rows are filtered, in the words of their machine."""
        field, self._filter_help = self.filter_field, rows.help.format(**rows.names)
        example = rows.example.format(**rows.names)
        words = f"Filter, e.g. {example} \N{HORIZONTAL ELLIPSIS}" if example else "Filter"
        field.setPlaceholderText(words)
        if not field.property("wrong"):  # else the tip says what is wrong
            field.setToolTip(plain_tip(self._filter_help))
        field.setAccessibleDescription(self._filter_help)

    def _make_follow(self) -> QCheckBox:
        box = QCheckBox("Follow", self)
        box.setChecked(True)
        box.setToolTip("Keep the row at the playhead in view")
        box.toggled.connect(self._follow_now)
        return box

    def _lay_out(self) -> None:
        top = self.top = QHBoxLayout()
        top.addWidget(self.filter_field, 1)
        top.addWidget(self._count)
        top.addWidget(self.follow)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(self._pages, 1)

    def set_widths(self, samples: tuple[str, ...]) -> None:
        """Make the columns as wide as samples of their content."""
        metrics = QFontMetrics(mono_font(self.view))
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._samples = samples
        for column, sample in enumerate(samples):
            header.resizeSection(column, metrics.horizontalAdvance(sample) + 26)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the column that needs it the room that there is."""
        super().resizeEvent(event)
        self._stretch()

    def showEvent(self, event: QShowEvent) -> None:
        """Give it the room that there is from the start."""
        super().showEvent(event)
        self._stretch()

    def _stretch(self) -> None:
        if not self.stretched:
            return
        column, header = self.model.column(self.stretched), self.view.horizontalHeader()
        metrics = QFontMetrics(mono_font(self.view))
        needs = [metrics.horizontalAdvance(sample) + 26 for sample in self._samples]
        others = sum(
            needs[other] if other == header.count() - 1 else header.sectionSize(other)
            for other in range(header.count())
            if other != column
        )
        room = self.view.viewport().width() - others
        header.resizeSection(column, max(needs[column], room))

    # To be said by subclasses

    def make_model(self, kind: type[FactRows]) -> RowsModel:
        """Return the model of the table."""
        return RowsModel(kind, self.bridge.theme, mono_font(self), self)

    @property
    def first_column(self) -> int:
        """The column of the cell that is current as long as the user chose none."""
        return 0

    def make_rows(self) -> FactRows | None:
        """Return the rows that the document has now, None while there is no run."""
        raise TypeError("a table must say what its rows are")

    def add_to_menu(self, menu: QMenu, row: int) -> None:
        """Add actions on one shown row to its context menu."""

    def empty_words(self) -> str:
        """Return what the table says when the document has no rows."""
        return "Nothing to show yet"

    # The document

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show other rows, or the playhead in the same ones."""
        if changes & self.remade_by:
            rows = self.make_rows()
            if rows is not None:
                self._show_help(rows)
            self._keep_place(rows)
            self._show_count()
        elif Change.PLAYHEAD in changes:
            self._playhead_moved()

    def forget_document(self) -> None:
        """Let go of the rows."""
        self.model.set_rows(None)

    def _playhead_moved(self) -> None:
        """Follow at once, or while playing with the next beat."""
        if not self.bridge.document.playback.playing:
            self._show_playhead()
        elif not self._beat.isActive():
            self._beat.start()

    def _show_playhead(self) -> None:
        if self.model.set_playhead(self._playhead_ns):
            self._follow_playhead()

    @property
    def _playhead_ns(self) -> int:
        return self.bridge.document.playhead_ns

    def _keep_place(self, rows: FactRows | None) -> None:
        """Show other rows without losing where the user had scrolled to."""
        place = self.view.verticalScrollBar().value() if self._place is None else self._place
        self.model.set_rows(rows, self._playhead_ns)
        self._place = place if self.model.is_busy else None
        self._awaited = None  # which was one of the rows before
        self.view.verticalScrollBar().setValue(place)
        self._follow_playhead()

    def rows_arrived(self) -> None:
        """Show the rows once the filter is worked out: where the user was, or at the playhead."""
        self._show_count()
        place, self._place = self._place, None
        if place is not None:
            self.view.doItemsLayout()  # else there is nothing to scroll yet
            self.view.verticalScrollBar().setValue(place)
        self._follow_playhead()
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            self.make_current(*awaited)

    def make_current(self, source: int, column: int) -> bool:
        """Make a cell of one of all rows the current one; return whether the filter shows it.

        While the filter is worked out, that waits for its answer.
        """
        row = self.model.shown_row(source)
        if row is not None:
            self.view.setCurrentIndex(self.model.index(row, column))
            self.view.scrollTo(self.model.index(row, 0))
        elif self.model.is_busy:
            self._awaited = (source, column)
        return row is not None

    def _follow_now(self) -> None:
        self.view.release()
        self._follow_playhead()

    def _follow_playhead(self) -> None:
        """Make the last row reached the current one, unless the user is busy in the table."""
        if not self.follow.isChecked() or self.view.is_busy:
            return
        row = self.model.reached - 1
        if row < 0:
            self.view.clearSelection()
            self.view.scrollToTop()
            return
        if len(selected_rows(self.view)) <= 1:
            current = self.view.currentIndex()
            column = current.column() if current.isValid() else self.first_column
            self.view.setCurrentIndex(self.model.index(row, column))
        # in the middle: what comes next is as interesting as what was
        centre = QAbstractItemView.ScrollHint.PositionAtCenter
        self.view.scrollTo(self.model.index(row, 0), centre)

    def _filter_changed(self, text: str) -> None:
        try:
            self.model.set_filter(text, self._playhead_ns)
        except MtrrvizError as error:
            self._show_filter_error(str(error))
            return
        self._show_filter_error("")
        self.view.release()
        self._awaited = None
        if not self.model.is_busy:
            self._follow_playhead()
        self._show_count()

    def _show_filter_error(self, message: str) -> None:
        mark_wrong(self.filter_field, message, self._filter_help)
        if message:
            self._count.setText(message)

    def _show_count(self) -> None:
        rows, shown = self.model.rows, self.model.rowCount()
        total = 0 if rows is None else len(rows)
        counted = f"{total:,}" if shown == total else f"{shown:,} of {total:,}"
        if not self.filter_field.property("wrong"):  # else it says what is wrong
            self._count.setText(_BUSY if self.model.is_busy else counted)
        none = "No rows match the filter. Clear it to see all" if total else self.empty_words()
        self._empty.setText(none)
        # The table stays while it waits for rows: the keyboard's focus would leave with it.
        self._pages.setCurrentIndex(0 if shown or self.model.is_busy else 1)

    # What the user does with rows

    def current_row(self) -> int | None:
        """Return the current shown row, or None."""
        index: QModelIndex = self.view.currentIndex()
        return index.row() if index.isValid() else None

    def jump(self) -> None:
        """Move the playhead to the current row and select its vCPU."""
        row = self.current_row()
        if row is None:
            return
        self.view.release()
        document, vcpu = self.bridge.document, self.model.vcpu(row)
        with document.batch():
            go_to_moment(document, self.model.time_ns(row))
            if vcpu is not None:
                document.select_vcpu(vcpu)

    def _show_menu(self, position: QPoint) -> None:
        index = self.view.indexAt(position)
        if index.isValid():
            self.view.setCurrentIndex(index)
            menu = self.make_menu(index.row())
            menu.popup(self.view.viewport().mapToGlobal(position))

    def menu_now(self) -> QMenu | None:
        """Return the context menu of the current row, if there is one."""
        row = self.current_row()
        return None if row is None else self.make_menu(row)

    def make_menu(self, row: int) -> QMenu:
        """Return the context menu of a shown row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Move the playhead here\tEnter", self.jump)
        self.add_to_menu(menu, row)
        menu.addSeparator()
        self.copying.add_to(menu)
        return menu
