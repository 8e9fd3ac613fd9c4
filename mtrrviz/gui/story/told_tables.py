"""The notes and the phases of a scenario as tables to type into."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.facts.time_text import exact_text, parse_time_ns
from mtrrviz.gui.common.abstract_widget import AbstractWidget
from mtrrviz.gui.common.widgets import push_button
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import USER, Aps, Phase
from mtrrviz.session.edits import ToldNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TRIGGERS = QAbstractItemView.EditTrigger
_OLD = Qt.ItemDataRole.UserRole
_TIME = 0
_TIME_TIP = "When it begins: 0.14 s, 850 ms"


class ToldTable(AbstractWidget):
    """Rows with a time in the first column, buttons to add and remove some below.

    ``edited`` tells that the user changed a row. ``new_ns`` is the time of a row that is added.
    """

    edited = Signal()

    def __init__(self, name: str, columns: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.new_ns = 0
        self.table = QTableWidget(0, len(columns), self)
        self.table.setObjectName(name)
        self.table.setAccessibleName(name.capitalize())
        self.table.setHorizontalHeaderLabels(list(columns))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(
            _TRIGGERS.DoubleClicked | _TRIGGERS.EditKeyPressed | _TRIGGERS.AnyKeyPressed
        )
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.table.itemChanged.connect(self._tell)
        self._lay_out(name)

    def _lay_out(self, name: str) -> None:
        one = name.removesuffix("s")
        row = QHBoxLayout()
        for key, text, tip, act in (
            (f"add_{one}", "&Add", f"Add a {one} at the time shown", self.add),
            (f"remove_{one}", "&Remove", f"Remove the selected {name}", self.remove),
        ):
            button = push_button(text, tip, act, self)
            button.setObjectName(key)
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.table, 1)
        column.addLayout(row)

    def _tell(self, _changed: object = None) -> None:
        self.edited.emit()

    def add(self) -> None:
        """Add a row at the time shown, and let its text be typed."""
        self.append_new()
        row = self.table.rowCount() - 1
        self.table.setCurrentCell(row, 1)
        self.table.edit(self.table.model().index(row, 1))
        self.edited.emit()

    @abstractmethod
    def append_new(self) -> None:
        """Append a row with what a new one has."""

    def remove(self) -> None:
        """Remove the selected rows."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        for row in sorted(rows, reverse=True):
            self.table.removeRow(row)
        self.edited.emit()

    def append(self, time_ns: int, texts: Sequence[str], old: object) -> int:
        """Append a row that stands for ``old``, None for nothing yet; return its number."""
        row = self.table.rowCount()
        self.table.blockSignals(True)  # filling is no edit
        self.table.insertRow(row)
        time = QTableWidgetItem(exact_text(time_ns))
        time.setData(_OLD, old)
        time.setToolTip(_TIME_TIP)
        self.table.setItem(row, _TIME, time)
        for column, text in enumerate(texts, 1):
            self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.blockSignals(False)
        return row

    def text(self, row: int, column: int) -> str:
        """Return what a cell says."""
        item = self.table.item(row, column)
        return "" if item is None else item.text()

    def time_ns(self, row: int) -> int:
        """Return the time of a row; MtrrvizError if it is none."""
        return parse_time_ns(self.text(row, _TIME), takes_distance=False)

    def old(self, row: int) -> object:
        """Return what a row stood for at first, None if it is new."""
        item = self.table.item(row, _TIME)
        return None if item is None else item.data(_OLD)

    @property
    def rows(self) -> range:
        """The numbers of the rows."""
        return range(self.table.rowCount())


class NoteTable(ToldTable):
    """The notes: when, and what they say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("notes", ("time", "text"), parent)

    def show_notes(self, notes: Iterable[ToldNote]) -> None:
        """Show the notes of a scenario."""
        for note in notes:
            self.append(note.event.time_ns, (note.event.text,), note)

    def append_new(self) -> None:
        """Append a note without text."""
        self.append(self.new_ns, ("",), None)

    def notes(self) -> tuple[ToldNote, ...]:
        """Return the notes as typed; MtrrvizError if a time is none."""
        return tuple(self._note(row) for row in self.rows)

    def _note(self, row: int) -> ToldNote:
        old = self.old(row)
        if not isinstance(old, ToldNote):
            old = ToldNote(Event(0, EventKind.NOTE, origin=USER))
        event = replace(old.event, time_ns=self.time_ns(row), text=self.text(row, 1))
        return replace(old, event=event)


class PhaseTable(ToldTable):
    """The phases: when they begin, their names, how the APs act, and what they are about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("phases", ("time", "name", "APs", "text"), parent)

    def show_phases(self, phases: Iterable[Phase]) -> None:
        """Show the phases of a scenario."""
        for phase in phases:
            self._append_phase(phase)

    def append_new(self) -> None:
        """Append a phase without a name."""
        self._append_phase(Phase(self.new_ns, ""))

    def _append_phase(self, phase: Phase) -> None:
        row = self.append(phase.start_ns, (phase.name, "", phase.text), phase)
        box = QComboBox(self.table)
        box.addItems([aps.value for aps in Aps])
        box.setCurrentText(phase.aps.value)
        box.setAccessibleName("What the APs do in the phase")
        box.setToolTip("none: they do nothing; concurrent: all at once; serialised: one by one")
        box.currentIndexChanged.connect(self._tell)
        self.table.setCellWidget(row, 2, box)

    def phases(self) -> tuple[Phase, ...]:
        """Return the phases as typed; MtrrvizError if a time is none."""
        return tuple(self._phase(row) for row in self.rows)

    def _phase(self, row: int) -> Phase:
        box = self.table.cellWidget(row, 2)
        aps = Aps(box.currentText()) if isinstance(box, QComboBox) else Aps.NONE
        return Phase(self.time_ns(row), self.text(row, 1), aps, self.text(row, 3))
