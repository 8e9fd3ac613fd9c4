"""The table of events, in which they can be removed and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.facts.tables.events import EventRows
from mtrrviz.gui.common.rows_table_view import RowsTableView
from mtrrviz.gui.tables.value_dialog import ValueDialog
from mtrrviz.scenario.events import REGISTER_KINDS, Event
from mtrrviz.session import edits
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QMenu, QWidget

    from mtrrviz.gui.shell.bridge import Bridge

_WIDTHS = (
    *("18.822400 s", "vCPU", "VMM WRMSR #GP", "IA32_MTRR_FIX64K_00000", "0x606_0606_0606_0606_"),
    *("E on, FE on, default WB and what the note says", "zaps", "firmware"),
)


class EventTableView(RowsTableView):
    """Every event of the scenario; remove one with Del, change a value with F2."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, EventRows, parent)
        self.view.setAccessibleName("Events")
        self.set_widths(_WIDTHS)
        self.view.remove_requested.connect(self.remove)
        self.view.change_requested.connect(self.change_value)

    def make_rows(self) -> EventRows:
        """Return the events of the open scenario."""
        return EventRows(self.bridge.document.scenario, self.bridge.document.run)

    def concerns(self) -> frozenset[Change]:
        """Return the changes that make other rows; a save gives the scenario another identity."""
        return super().concerns() | {Change.FILE}

    def _document_changed(self, changes: frozenset[Change]) -> None:
        super()._document_changed(changes)
        if Change.SELECTED_ITEM in changes and self.isVisible():
            self._select_selection()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up, also with the event that the user asked to see meanwhile."""
        super().showEvent(event)
        self._select_selection()

    def _select_selection(self) -> None:
        """Make the row of the event that is pointed at the current one, if the filter shows it."""
        selection = self.bridge.document.selection
        if selection is None or selection.event is None:
            return
        row = self.model.shown_row(selection.event)
        if row is not None:
            self.view.hold()
            self.view.setCurrentIndex(self.model.index(row, 0))
            self.view.scrollTo(self.model.index(row, 0), self.view.ScrollHint.PositionAtCenter)

    def empty_words(self) -> str:
        """Say how events come about."""
        return "No events. Write a register, or attach a device, and the event appears here"

    def add_to_menu(self, menu: QMenu, row: int) -> None:
        """Offer what can be done with an event."""
        change = menu.addAction("Change the value\N{HORIZONTAL ELLIPSIS}\tF2", self.change_value)
        change.setEnabled(self._event(row).kind in REGISTER_KINDS)
        menu.addAction("Remove the event\tDel", self.remove)

    def _event(self, row: int) -> Event:
        return self.bridge.document.scenario.events[self.model.source_row(row)]

    def remove(self) -> None:
        """Take the current event out of the scenario."""
        row = self.current_row()
        if row is not None:
            index = self.model.source_row(row)
            scenario = self.bridge.document.scenario
            self.bridge.edit(lambda: edits.remove_events(scenario, [index]))

    def change_value(self) -> None:
        """Ask for another value of the current event's register."""
        row = self.current_row()
        if row is None or self._event(row).kind not in REGISTER_KINDS:
            return
        dialog = ValueDialog(self.bridge, self.model.source_row(row), self)
        dialog.open()
