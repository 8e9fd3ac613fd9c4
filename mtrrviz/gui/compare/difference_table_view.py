"""The tab "Differences": the ranges that differ at the playhead, to sort, follow, copy and save."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.ept import type_code
from mtrrviz.core.units import format_size, format_time_ns
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.tables.difference_rows import DifferenceRows
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.latest import Latest
from mtrrviz.gui.common.looks.type_marks import colour_icon, type_icon
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.tables.copying import copy_table
from mtrrviz.gui.common.tables.rows_model import CellLook, RowsModel
from mtrrviz.gui.common.widgets import Empty, mono_font, plain_table
from mtrrviz.gui.compare.difference_palette import kind_colour
from mtrrviz.session.changes import Change
from mtrrviz.session.difference_jumps import (
    to_first_difference,
    to_next_difference,
    to_previous_difference,
)
from mtrrviz.session.runs import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QIcon

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.analysis.comparing.compare_history import DifferenceHistory
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.difference_jumps import Tell
    from mtrrviz.session.document import Document

#: The differences of more leaves are worked out beside the window.
_AT_ONCE = 100_000
_FILES = "CSV (*.csv);;TSV (*.tsv);;JSON (*.json)"


class DifferenceTableView(FollowsDocument):
    """Which ranges of pages the two policies map differently at the playhead."""

    follows = frozenset(
        {Change.PLAYHEAD, Change.RUN, Change.SCENARIO, Change.POLICY, Change.OPENED}
        | {Change.DIFFERENCES}
    )
    pace_ms = 80

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._latest = Latest()
        self.model = RowsModel(DifferenceRows, bridge.theme, mono_font(self), self, _look(bridge))
        self.table = self._make_table()
        self.about = Label("", self)
        self.about.setObjectName("dim")
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._empty = Empty("", self)
        self._pages = QStackedLayout()
        self._lay_out()
        bridge.theme_changed.connect(lambda: self.model.set_theme(bridge.theme))
        self.setFocusProxy(self.table)

    def _make_table(self) -> QTableView:
        table = plain_table(self.model, "Ranges that differ between the two policies", self)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        table.clicked.connect(self._select)
        table.activated.connect(self._select)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show_menu)
        self._copying = copy_table(table, has_menu=True)
        self._copying.done.connect(self.bridge.message)
        return table

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.about, 1)
        document, tell = self.bridge.document, self.bridge.message.emit
        buttons: tuple[tuple[str, str, Callable[[Document, Tell], None]], ...] = (
            ("\N{BLACK LEFT-POINTING TRIANGLE}", "Previous change of the differences ({)",
             to_previous_difference),
            ("First", "First difference (D)", to_first_difference),
            ("\N{BLACK RIGHT-POINTING TRIANGLE}", "Next change of the differences (})",
             to_next_difference),
        )  # fmt: skip
        for text, tip, jump in buttons:
            top.addWidget(self._button(text, tip, lambda go=jump: go(document, tell)))
        top.addWidget(self._button("Save\N{HORIZONTAL ELLIPSIS}", "Save the list", self._ask_save))
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(self._pages, 1)

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(plain_tip(tip))
        button.setAccessibleName(tip.partition(" (")[0])
        button.setMinimumSize(26, 24)
        button.clicked.connect(lambda _checked=False: act())
        return button

    # The document

    def show_document(self, changes: frozenset[Change]) -> None:  # noqa: ARG002
        """Show the differences as they are now, keeping the place; of many a little later."""
        from mtrrviz.session.exchange.exporting import differences_at  # noqa: PLC0415 - when asked for

        document = self.bridge.document
        comparison, time_ns = document.comparison, document.playhead_ns
        if comparison is None:
            self._latest.drop()
            self._show_empty("Both runs are being simulated")
            return
        leaves = len(comparison.run_a.leaves) + len(comparison.run_b.leaves)
        self._latest.ask(
            at_once if leaves <= _AT_ONCE else document.executor,
            lambda: differences_at(comparison, time_ns),
            lambda rows: self._fill(comparison, time_ns, rows),
            about=comparison,
        )

    def forget_document(self) -> None:
        """Let go of the rows."""
        self._latest.drop()
        self.model.set_rows(None)
        self.about.clear()

    def _fill(self, comparison: Comparison, time_ns: int, rows: DifferenceRows) -> None:
        scroll = self.table.verticalScrollBar().value()
        self.model.set_rows(rows)
        self.table.verticalScrollBar().setValue(scroll)
        history = self.bridge.document.differences.history
        if history is not None and history.first_ns is None:
            never = "{} and {} never differ in this scenario".format(*comparison.policies)
            self._show_empty(f"{never}. Choose another policy to compare with")
            return
        first = _first_words(history)
        if not len(rows):
            self._show_empty(f"Nothing differs at {format_time_ns(time_ns)}; {first}")
            return
        size = format_size(sum(one.size_bytes for one in rows.items))
        ranges = plural(len(rows), "range")
        self.about.setText(f"{size} in {ranges} at {format_time_ns(time_ns)}; {first}")
        self._pages.setCurrentIndex(0)

    def _show_empty(self, words: str) -> None:
        self.about.setText("")
        self._empty.setText(words)
        self._pages.setCurrentIndex(1)

    # What the user does with rows

    def _select(self, index: QModelIndex) -> None:
        rows = self.model.rows
        if index.isValid() and isinstance(rows, DifferenceRows):
            first_gfn = rows.items[self.model.source_row(index.row())].first_gfn
            self.bridge.document.select_page(first_gfn)

    def _show_menu(self, position: QPoint) -> None:
        self.menu_now().popup(self.table.viewport().mapToGlobal(position))

    def menu_now(self) -> QMenu:
        """Return the context menu, which is the same for all rows."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._copying.add_to(menu)
        menu.addAction("Save the list\N{HORIZONTAL ELLIPSIS}", self._ask_save)
        return menu

    def _ask_save(self) -> None:
        start = str(Path.home() / f"{self.bridge.document.scenario.name}-differences.csv")
        name, _ = QFileDialog.getSaveFileName(self, "Save the differences", start, _FILES)
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write all rows as the path's suffix says: .json, .tsv, else CSV."""
        from mtrrviz.exporters.comparison import ranges_text  # noqa: PLC0415 - when asked for
        from mtrrviz.exporters.output import write_parts  # noqa: PLC0415 - when asked for

        rows = self.model.rows
        if not isinstance(rows, DifferenceRows):
            return
        text = ranges_text(rows, path.suffix.lower())
        try:
            write_parts([text], str(path))
        except OSError as error:
            self.bridge.refused.emit(f"{path}: {error.strerror}")
        else:
            self.bridge.message.emit(f"Saved {plural(len(rows), 'range')} in {path.name}")


def _first_words(history: DifferenceHistory | None) -> str:
    """Say when two EPTs that do differ at some time first do; None while that is looked for."""
    if history is None or history.first_ns is None:
        return "looking for the first difference"
    return f"first difference at {format_time_ns(history.first_ns)}"


def _look(bridge: Bridge) -> CellLook:
    """Mark cells with the colour of the kind of difference, or of the type that they name."""

    def mark(rows: DifferenceRows, row: int, key: str) -> QIcon | None:
        one = rows.items[row]
        if key == "difference":
            return colour_icon(bridge.theme, kind_colour(bridge.theme, one.kind))
        bits = {"type_a": one.bits_a, "type_b": one.bits_b}.get(key)
        return None if bits is None else type_icon(bridge.theme, type_code(bits))

    return CellLook(mark=mark)
