"""The item model behind both tables: rows of text, a filter, and what the playhead has reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from mtrrviz.gui.common.plain_text import plain_tip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.gui.common.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FONT = int(Qt.ItemDataRole.FontRole)
_ACCESSIBLE_TEXT = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NUMBERS = frozenset(
    {"time", "vCPU", "zaps", "size", "leaves dropped", "cycles (modelled)", "line"}
)
_FIXED_WIDTH = frozenset(
    {"time", "value", "range", "size", "event", "cycles (modelled)", "address"}
)


class Rows(Protocol):
    """What a table shows: rows in order of time."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    @property
    def titles(self) -> tuple[str, ...]:
        """What stands over the columns: their names, or more where the rows need it."""
        ...

    @property
    def help(self) -> str:
        """How to filter, in words."""
        ...

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Time of each row, int64, ascending."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        ...

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU a row is about, or None."""
        ...

    def mask(self, text: str) -> NDArray[np.bool_]:
        """Return which rows a filter keeps."""
        ...


class RowsModel(QAbstractTableModel):
    """Shows the rows that the filter keeps; rows after the playhead are dimmed.

    ``mono`` is the font of columns that hold addresses, values and times.
    """

    def __init__(
        self, columns: tuple[str, ...], theme: Theme, mono: QFont, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._columns = self._titles = columns
        self._rows: Rows | None = None
        self._shown = np.zeros(0, np.intp)
        self._times = np.zeros(0, np.int64)
        self._filter = ""
        self._reached = 0
        self._styles = [_style_of(column, mono) for column in columns]
        self._vcpu_column = columns.index("vCPU")
        self._texts: dict[tuple[int, int], str] = {}
        self._theme = theme
        self._ink, self._faint = QColor(theme.text), QColor(theme.faint)

    # What is shown

    @property
    def rows(self) -> Rows | None:
        """All rows, shown or not; None as long as there are none to show."""
        return self._rows

    @property
    def reached(self) -> int:
        """How many of the shown rows the playhead has reached."""
        return self._reached

    def set_rows(self, rows: Rows | None, playhead_ns: int) -> None:
        """Show other rows, through the same filter."""
        self.beginResetModel()
        self._rows = rows
        self._titles = self._columns if rows is None else rows.titles
        self._texts.clear()
        self._apply_filter()
        self._reached = self._until(playhead_ns)
        self.endResetModel()

    def set_filter(self, text: str, playhead_ns: int) -> None:
        """Show only the rows that ``text`` keeps; MtrrvizError, and no change, if it is wrong."""
        if self._rows is not None:
            self._rows.mask(text)
        self._filter = text
        self.set_rows(self._rows, playhead_ns)

    def _apply_filter(self) -> None:
        if self._rows is None:
            self._shown, self._times = np.zeros(0, np.intp), np.zeros(0, np.int64)
        else:
            self._shown = np.flatnonzero(self._rows.mask(self._filter))
            self._times = self._rows.time_ns[self._shown]

    def set_playhead(self, time_ns: int) -> bool:
        """Dim what lies after a time; return whether that changed anything."""
        before, self._reached = self._reached, self._until(time_ns)
        low, high = sorted((before, self._reached))
        if low == high:
            return False
        first, last = self.index(low, 0), self.index(high - 1, len(self._columns) - 1)
        self.dataChanged.emit(first, last, [Qt.ItemDataRole.ForegroundRole])
        return True

    def _until(self, time_ns: int) -> int:
        return int(np.searchsorted(self._times, np.int64(time_ns), "right"))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._ink, self._faint = QColor(theme.text), QColor(theme.faint)
        if len(self._shown):
            last = self.index(len(self._shown) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])

    def source_row(self, row: int) -> int:
        """Return which of all rows a shown row is."""
        return int(self._shown[row])

    def shown_row(self, source: int) -> int | None:
        """Return where one of all rows is shown, None if the filter keeps it away."""
        row = int(np.searchsorted(self._shown, source))
        return row if row < len(self._shown) and int(self._shown[row]) == source else None

    def time_ns(self, row: int) -> int:
        """Return the time of a shown row."""
        return int(self._times[row])

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU of a shown row, or None."""
        return None if self._rows is None else self._rows.vcpu(self.source_row(row))

    def _text(self, row: int, column: int) -> str:
        if self._rows is None:
            return ""
        text = self._texts.get((row, column))
        if text is None:
            text = self._texts[row, column] = self._rows.text(self.source_row(row), column)
        return text

    # The item model

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return a column's name."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role in (_DISPLAY, _TOOL_TIP):
            return self._titles[section]
        if role == _ALIGNMENT:
            return self._styles[section][_ALIGNMENT]
        return None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return a cell's text, alignment, font or colour."""
        if not index.isValid():
            return None
        # Qt asks ten questions a cell at each repaint, so the answers must be at hand
        row, column = index.row(), index.column()
        if role == _DISPLAY:
            return self._text(row, column)
        if role == _TOOL_TIP:
            return plain_tip(self._text(row, column))
        if role == _FOREGROUND:
            return self._colour(row, column)
        if role == _ACCESSIBLE_TEXT:
            return f"{self._titles[column]} {self._text(row, column)}"
        return self._styles[column].get(role)

    def _colour(self, row: int, column: int) -> QColor:
        """Return faint writing for what is still to come; else the vCPU's colour or text."""
        if row >= self._reached:
            return self._faint
        if column != self._vcpu_column:
            return self._ink
        vcpu = self.vcpu(row)
        return self._ink if vcpu is None else QColor(self._theme.vcpu_colour(vcpu))


def _style_of(column: str, mono: QFont) -> dict[int, Any]:
    """Return what is the same for a whole column, by role."""
    alignment = _RIGHT if column in _NUMBERS else _LEFT
    style: dict[int, Any] = {_ALIGNMENT: alignment}
    if column in _FIXED_WIDTH:
        style[_FONT] = mono
    return style
