"""The item model of every table of facts: filter, order, and what the playhead has reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont

from mtrrviz.core.record import Record
from mtrrviz.facts.table_text import tab_separated
from mtrrviz.gui.common.looks.text_size import scaled
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.tables.filter_work import FilterWork

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mtrrviz.facts.tables.column import Column, Value
    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.facts.tables.filtering import Mask
    from mtrrviz.gui.common.looks.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Rows = NDArray[np.intp]
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FONT = int(Qt.ItemDataRole.FontRole)
_ACCESSIBLE_TEXT = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ASCENDING = Qt.SortOrder.AscendingOrder
#: From so many rows on a filter is worked out beside the window.
MANY_ROWS = 2000


class CellLook(Record):
    """What cells have beside their text, asked for by (rows, number of the row, column's key).

    ``mark`` is a colour or an icon before the text; ``ink`` the colour of the text; ``tip`` the
    tooltip; ``spoken`` what a screen reader says; ``is_bold`` whether the text is bold. An answer
    of None leaves a cell as usual.
    """

    mark: Callable[[Any, int, str], Any] | None = None
    ink: Callable[[Any, int, str], QColor | None] | None = None
    tip: Callable[[Any, int, str], str | None] | None = None
    spoken: Callable[[Any, int, str], str | None] | None = None
    is_bold: Callable[[Any, int, str], bool] | None = None


_PLAIN = CellLook()


class RowsModel(QAbstractTableModel):
    """Shows the rows of a table that the filter keeps; those after the playhead are dimmed.

    ``kind`` is the class of the rows, for the columns' titles while there are none; ``mono`` the
    font of columns whose single digits matter.

    Of very many rows the filter is worked out beside the window. Until that is ``arranged`` the
    model ``is_busy`` and shows what the filter before kept of these rows, none of new ones.
    """

    arranged = Signal()

    def __init__(
        self,
        kind: type[FactRows],
        theme: Theme,
        mono: QFont,
        parent: QObject | None = None,
        look: CellLook = _PLAIN,
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._mono = mono
        self._bold = QFont()
        self._bold.setBold(True)
        self._look = look
        self._rows: FactRows | None = None
        self._shown = np.zeros(0, np.intp)
        self._times: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None
        self._filter = ""
        self._order: tuple[str, Qt.SortOrder] | None = None
        self._reached = 0
        self._playhead_ns = 0
        self._is_busy = False
        self._work = FilterWork()
        self.destroyed.connect(self._work.give_up)
        self._texts: dict[tuple[int, int], str] = {}
        self._theme = theme
        self._ink, self._faint = QColor(theme.text), QColor(theme.faint)
        self._set_head(kind)

    def _set_head(self, source: FactRows | type[FactRows]) -> None:
        """Take columns and titles from rows, or from their class."""
        by_key: dict[str, Column[Any]] = {column.key: column for column in source.columns}
        self._columns = [by_key[key] for key in source.shown]
        self._titles = [column.title.format(**source.names) for column in self._columns]
        self._meanings = [column.meaning.format(**source.names) for column in self._columns]
        self._styles = [_style_of(column, self._mono) for column in self._columns]

    def scale_font(self, factor: float) -> None:
        """Write columns whose single digits matter larger or smaller."""
        self._mono, self._bold = scaled(self._mono, factor), scaled(self._bold, factor)
        self._styles = [_style_of(column, self._mono) for column in self._columns]

    # What is shown

    @property
    def rows(self) -> FactRows | None:
        """All rows, shown or not; None as long as there are none to show."""
        return self._rows

    @property
    def is_busy(self) -> bool:
        """Whether it is being worked out which rows the filter keeps."""
        return self._is_busy

    @property
    def reached(self) -> int:
        """How many of the shown rows the playhead has reached."""
        return self._reached

    def set_rows(self, rows: FactRows | None, playhead_ns: int = 0) -> None:
        """Show other rows, through the same filter and in the same order.

        Where they show the same as before, the view keeps its place and selection.
        """
        if rows is not None and self._rows is not None and rows.shows_same(self._rows):
            self._rows = rows
            return
        self._playhead_ns = playhead_ns
        self.beginResetModel()
        self._rows = rows
        self._set_head(self._kind if rows is None else rows)
        self._show(self._kept_now())
        self.endResetModel()

    def update_rows(self, rows: FactRows, playhead_ns: int = 0) -> None:
        """Show as many rows as before with other words; place and selection stay."""
        self._rows = rows
        self._texts.clear()
        self._playhead_ns = playhead_ns
        self._reached = self._until(playhead_ns)
        self._tell_all_changed()

    def set_filter(self, text: str, playhead_ns: int) -> None:
        """Show only the rows that ``text`` keeps; MtrrvizError, and no change, if it is wrong."""
        if self._rows is not None:
            self._rows.check_filter(text)
        self._playhead_ns = playhead_ns
        self._filter = text
        kept = self._kept_now()
        if not self._is_busy:
            self._reset(kept)

    def sort(self, column: int, order: Qt.SortOrder = _ASCENDING) -> None:
        """Sort by the values of a column; rows of equal values stay in the order of the table."""
        self.layoutAboutToBeChanged.emit()
        self._order = (self._columns[column].key, order)
        self._show(np.sort(self._shown))
        self.layoutChanged.emit()

    def _kept_now(self) -> Rows:
        """Return which rows the filter keeps; none, and be busy, if that takes long to say."""
        rows = self._rows
        self._is_busy = rows is not None and bool(self._filter.strip()) and len(rows) > MANY_ROWS
        if rows is None or not self._is_busy:
            self._work.give_up()
            return np.zeros(0, np.intp) if rows is None else np.flatnonzero(rows.mask(self._filter))
        self._work.ask(rows, self._filter, self._answered, self._failed)
        return np.zeros(0, np.intp)

    def _answered(self, kept: Mask) -> None:
        self._is_busy = False
        self._reset(np.flatnonzero(kept))
        self.arranged.emit()

    def _failed(self) -> None:
        """Show no rows: the error is reported by who raised it."""
        self._answered(np.zeros(0, np.bool_))

    def _reset(self, kept: Rows) -> None:
        self.beginResetModel()
        self._show(kept)
        self.endResetModel()

    def _show(self, kept: Rows) -> None:
        """Show rows, which ascend, in their order; and note when each is."""
        self._texts.clear()
        rows = self._rows
        if rows is not None and self._order is not None:
            kept = _sorted(rows, kept, *self._order)
        self._shown = kept
        times_ns = None if rows is None else rows.time_ns
        self._times = None if times_ns is None else times_ns[kept]
        self._reached = self._until(self._playhead_ns)

    def set_playhead(self, time_ns: int) -> bool:
        """Dim what lies after a time; return whether that changed anything."""
        self._playhead_ns = time_ns
        before, self._reached = self._reached, self._until(time_ns)
        low, high = sorted((before, self._reached))
        if low == high:
            return False
        first, last = self.index(low, 0), self.index(high - 1, len(self._columns) - 1)
        self.dataChanged.emit(first, last, [Qt.ItemDataRole.ForegroundRole])
        return True

    def _until(self, time_ns: int) -> int:
        if self._times is None:
            return len(self._shown)
        return int(np.searchsorted(self._times, np.int64(time_ns), "right"))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._ink, self._faint = QColor(theme.text), QColor(theme.faint)
        self._tell_all_changed()

    def _tell_all_changed(self) -> None:
        if len(self._shown):
            last = self.index(len(self._shown) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def key(self, column: int) -> str:
        """Return the key of a column."""
        return self._columns[column].key

    def column(self, key: str) -> int:
        """Return where the column of a key is; ValueError if it is not shown."""
        return [column.key for column in self._columns].index(key)

    def source_row(self, row: int) -> int:
        """Return which of all rows a shown row is."""
        return int(self._shown[row])

    def source_rows(self, rows: Sequence[int]) -> list[int]:
        """Return which of all rows some shown rows are."""
        return self._shown[np.asarray(rows, np.intp)].tolist()

    def text_work(self, rows: Sequence[int]) -> Callable[[], str]:
        """Return what makes the text of shown rows under their titles, between tabs.

        It may be called beside the window, whatever is shown by then.
        """
        facts, sources = self._rows, self.source_rows(rows)
        keys, titles = [column.key for column in self._columns], self._titles
        if facts is None:
            return lambda: tab_separated(titles, ())
        return lambda: tab_separated(titles, (facts.texts(row, keys) for row in sources))

    def shown_rows(self, sources: Collection[int]) -> Rows:
        """Return the shown rows, ascending, that are among some of all rows."""
        wanted = np.fromiter(sources, np.intp, len(sources))
        return np.flatnonzero(np.isin(self._shown, wanted))

    def shown_row(self, source: int) -> int | None:
        """Return where one of all rows is shown, None if the filter keeps it away."""
        found = np.flatnonzero(self._shown == source)
        return int(found[0]) if len(found) else None

    def time_ns(self, row: int) -> int:
        """Return the time of a shown row; TypeError where rows are not of a time each."""
        if self._times is None:
            raise TypeError("these rows are not of a time each")
        return int(self._times[row])

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU of a shown row, or None."""
        return None if self._rows is None else self._rows.vcpu(self.source_row(row))

    # The item model

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return a column's title, or what it means."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == _DISPLAY:
            return self._titles[section]
        if role == _TOOL_TIP:
            return self._meanings[section]
        if role == _ALIGNMENT:
            return self._styles[section][_ALIGNMENT]
        return None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return a cell's text, alignment, font, colour or mark."""
        if not index.isValid():
            return None
        # Qt asks ten questions a cell at each repaint, so the answers must be at hand
        row, column = index.row(), index.column()
        answer = _ANSWERS.get(role)
        return self._styles[column].get(role) if answer is None else answer(self, row, column)

    def text(self, row: int, column: int) -> str:
        """Return the text of a shown cell, kept until the rows change."""
        if self._rows is None:
            return ""
        text = self._texts.get((row, column))
        if text is None:
            text = self._columns[column].text(self._rows, self.source_row(row))
            self._texts[row, column] = text
        return text

    def colour(self, row: int, column: int) -> QColor:
        """Return faint writing for what is still to come; else the look's, the vCPU's or text."""
        if row >= self._reached:
            return self._faint
        ink = self._ask(self._look.ink, row, column)
        if ink is not None:
            return ink
        vcpu = self.vcpu(row) if self._columns[column].key == "vcpu" else None
        return self._ink if vcpu is None else QColor(self._theme.vcpu_colour(vcpu))

    def mark(self, row: int, column: int) -> Any:
        """Return the colour or icon before the text of a shown cell."""
        return self._ask(self._look.mark, row, column)

    def tip(self, row: int, column: int) -> str:
        """Return the tooltip of a shown cell: its text, if the look has none."""
        return plain_tip(self._ask(self._look.tip, row, column) or self.text(row, column))

    def spoken(self, row: int, column: int) -> str:
        """Return what a screen reader says of a shown cell."""
        said = self._ask(self._look.spoken, row, column)
        return said or f"{self._titles[column]} {self.text(row, column)}".rstrip()

    def font(self, row: int, column: int) -> QFont | None:
        """Return the font of a shown cell, None for that of the view."""
        if self._ask(self._look.is_bold, row, column):
            return self._bold
        return self._styles[column].get(_FONT)

    def _ask(self, answer: Callable[[Any, int, str], Any] | None, row: int, column: int) -> Any:
        if answer is None:
            return None
        return answer(self._rows, self.source_row(row), self._columns[column].key)


_ANSWERS: dict[int, Callable[[RowsModel, int, int], Any]] = {
    _DISPLAY: RowsModel.text,
    _FOREGROUND: RowsModel.colour,
    _DECORATION: RowsModel.mark,
    _TOOL_TIP: RowsModel.tip,
    _ACCESSIBLE_TEXT: RowsModel.spoken,
    _FONT: RowsModel.font,
}


def _style_of(column: Column[Any], mono: QFont) -> dict[int, Any]:
    """Return what is the same for a whole column, by role."""
    style: dict[int, Any] = {_ALIGNMENT: _RIGHT if column.unit.is_number else _LEFT}
    if column.unit.is_exact:
        style[_FONT] = mono
    return style


def _sorted(rows: FactRows, shown: Rows, key: str, order: Qt.SortOrder) -> Rows:
    """Return rows by the values of a column, those without one first."""
    values = rows.values(key)

    def rank(row: int) -> tuple[bool, Value]:
        value = values[row]
        return (False, 0) if value is None else (True, value)

    ordered = sorted(shown.tolist(), key=rank, reverse=order != _ASCENDING)
    return np.array(ordered, np.intp)
