"""The conditions of a scenario as rows with a box to tick each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont

from mtrrviz.analysis.stops import stop_words
from mtrrviz.core.wording.words import plural
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.stops.titled_model import Index, TitledModel

if TYPE_CHECKING:
    from mtrrviz.scenario.stop_condition import StopCondition

_ROLE = Qt.ItemDataRole
WORDS, COUNT = range(2)
_UNKNOWN = "\N{HORIZONTAL ELLIPSIS}"


class StopModel(TitledModel):
    """A row a condition. ``switched`` carries the row and whether it is to be on."""

    titles = ("Stop when", "in this run")

    switched = Signal(int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stops: tuple[StopCondition, ...] = ()
        self._counts: tuple[int | None, ...] = ()
        self._stopped: tuple[StopCondition, ...] = ()
        self._bold = QFont()
        self._bold.setBold(True)

    def show_stops(self, stops: tuple[StopCondition, ...], counts: tuple[int | None, ...]) -> None:
        """Show conditions and how often the run fulfils each, None for unknown."""
        if len(stops) != len(self._stops):
            self.beginResetModel()
            self._stops, self._counts = stops, counts
            self.endResetModel()
        elif (stops, counts) != (self._stops, self._counts):
            self._stops, self._counts = stops, counts
            self.dataChanged.emit(self.index(0, 0), self.index(len(stops) - 1, COUNT))

    def show_stopped(self, stopped: tuple[StopCondition, ...]) -> None:
        """Show the conditions that playing was stopped by in bold."""
        if stopped != self._stopped:
            self._stopped = stopped
            if self._stops:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._stops) - 1, COUNT))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of conditions."""
        return 0 if parent is not None and parent.isValid() else len(self._stops)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let each condition be switched."""
        flags = super().flags(index)
        is_box = index.isValid() and index.column() == WORDS
        return flags | Qt.ItemFlag.ItemIsUserCheckable if is_box else flags

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return a cell's words, and whether its condition is switched on."""
        if not index.isValid():
            return None
        stop = self._stops[index.row()]
        if role == _ROLE.CheckStateRole and index.column() == WORDS:
            return Qt.CheckState.Checked if stop.is_on else Qt.CheckState.Unchecked
        if role == _ROLE.DisplayRole:
            return self._words(index)
        if role == _ROLE.FontRole and stop in self._stopped:
            return self._bold
        if role == _ROLE.ToolTipRole:
            return plain_tip(self._words(index))
        return None

    def _words(self, index: Index) -> str:
        if index.column() == WORDS:
            return stop_words(self._stops[index.row()])
        count = self._counts[index.row()]
        if count is None:
            return _UNKNOWN
        return plural(count, "time") if count else "never"

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Ask to switch a condition; the box follows once that is done."""
        if role != _ROLE.CheckStateRole or index.column() != WORDS:
            return False
        self.switched.emit(index.row(), Qt.CheckState(value) is Qt.CheckState.Checked)
        return True
