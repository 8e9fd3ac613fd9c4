"""The table of events, in which they can be added, typed over, moved, copied and removed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel

from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.gui.common.editing.ask_time import ask_time
from mtrrviz.gui.common.editing.edited_table import EditedTable
from mtrrviz.gui.common.tables.copying import MOST_ROWS, Copied, CopyWork, Found, table_copy
from mtrrviz.gui.common.tables.row_selection import selected_rows, selection_of
from mtrrviz.gui.common.widgets import mono_font, push_button
from mtrrviz.gui.stops.stop_actions import add_stop_actions
from mtrrviz.gui.tables.event_clipboard import copied_events
from mtrrviz.gui.tables.event_dialog import EventDialog, new_event
from mtrrviz.gui.tables.event_model import EventModel
from mtrrviz.session import edits
from mtrrviz.session.changes import Change
from mtrrviz.session.edits.typed_event import type_into_events
from mtrrviz.session.exchange.event_clip import MIME_TYPE, events_from_clip, events_to_clip
from mtrrviz.session.stop_targets import event_stops

if TYPE_CHECKING:
    from collections.abc import Generator

    from PySide6.QtWidgets import QMenu, QWidget

    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.gui.common.tables.rows_model import RowsModel
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.events import Event

_WIDTHS = (
    *("18.822400 s", "vCPU", "VMM WRMSR #GP", "IA32_MTRR_FIX64K_00000", "0x606_0606_0606_0606_"),
    *("E on, FE on, default WB and what the note says", "zaps", "firmware"),
)
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class EventTableView(EditedTable):
    """Every event of the scenario. What is done concerns all selected rows, as one step.

    F2 types over the current cell, or opens all of an event that has nothing there.
    """

    stretched = "meaning"

    remade_by = EditedTable.remade_by | {Change.FILE}  # saving makes another scenario of it
    follows = remade_by | {Change.PLAYHEAD, Change.SELECTED_ITEM, Change.CHOSEN}

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        self._is_showing = False
        super().__init__(bridge, EventRows, "events", parent)
        self.view.selectionModel().selectionChanged.connect(self._choose)
        self.set_widths(_WIDTHS)
        add = push_button(f"&Add{_ELLIPSIS}", "Add an event at the playhead (Ins)", self.add, self)
        add.setObjectName("add_event")
        self.top.addWidget(add)
        self.copying.set_makers(lambda: self._copied(whole=False), lambda: self._copied(whole=True))
        self.view.remove_requested.connect(self.remove)
        self.view.change_requested.connect(self.edit_cell)
        self.act_on(
            {
                "Ctrl+Return": self.change,
                "Ctrl+D": self.duplicate,
                "Ctrl+V": self.paste,
                "Alt+Up": self.move_up,
                "Alt+Down": self.move_down,
                "Ctrl+T": self.retime,
            }
        )

    def make_model(self, kind: type[FactRows]) -> RowsModel:
        """Return a model that can be typed into."""
        del kind
        model = EventModel(self.bridge.theme, mono_font(self), self)
        model.typed.connect(self._typed)
        return model

    @property
    def first_column(self) -> int:
        """The value's."""
        return self.model.column("value")

    def make_rows(self) -> EventRows:
        """Return the events of the open scenario."""
        return EventRows(self.bridge.document.scenario, self.bridge.document.run)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the events, those that are chosen, and the one that the user asked to see."""
        with self._showing():
            super().show_document(changes)
            if changes & (self.remade_by | {Change.CHOSEN}):
                self._select_chosen()
        if Change.SELECTED_ITEM in changes:
            self._select_selection()

    def rows_arrived(self) -> None:
        """Select the chosen events among the rows as well."""
        with self._showing():
            super().rows_arrived()
            self._select_chosen()

    @contextmanager
    def _showing(self) -> Generator[None]:
        """Tell rows that the table selects to show the document from those that the user does."""
        before, self._is_showing = self._is_showing, True
        try:
            yield
        finally:
            self._is_showing = before

    def _choose(self) -> None:
        """Let the events that the user selected be the chosen ones."""
        if not self._is_showing:
            rows = selected_rows(self.view)
            self.bridge.document.choose_events(self.model.source_rows(rows))

    def _select_chosen(self) -> None:
        """Select the rows of the chosen events that the filter shows."""
        chosen = self.bridge.document.chosen_events
        selected = frozenset(self.model.source_rows(selected_rows(self.view)))
        # one row may be selected by following the playhead, which chooses nothing
        if selected != chosen and (chosen or len(selected) > 1):
            flag = QItemSelectionModel.SelectionFlag
            rows = selection_of(self.model, self.model.shown_rows(chosen))
            self.view.selectionModel().select(rows, flag.ClearAndSelect | flag.Rows)

    def _follow_playhead(self) -> None:
        with self._showing():
            super()._follow_playhead()

    def _select_selection(self) -> None:
        """Make the row of the event that is pointed at the current one, if the filter shows it."""
        selection = self.bridge.document.selection
        if selection is None or selection.event is None:
            return
        if self.make_current(selection.event, self.first_column):
            self.view.hold()
            centre = self.view.ScrollHint.PositionAtCenter
            self.view.scrollTo(self.view.currentIndex(), centre)

    def empty_words(self) -> str:
        """Say how events come about."""
        return (
            "No events. Write a register, attach a device, or press Insert here to add one: "
            "it appears in this table. Press Ctrl+Shift+O to look at an example"
        )

    def add_to_menu(self, menu: QMenu, row: int) -> None:
        """Offer what can be done with events."""
        menu.addSeparator()
        menu.addAction(f"Add an event{_ELLIPSIS}\tIns", self.add)
        menu.addAction(f"Change the event{_ELLIPSIS}\tCtrl+Enter", self.change)
        menu.addAction("Duplicate\tCtrl+D", self.duplicate)
        menu.addAction(f"Change the time{_ELLIPSIS}\tCtrl+T", self.retime)
        menu.addAction("Move up among events of this time\tAlt+Up", self.move_up)
        menu.addAction("Move down among events of this time\tAlt+Down", self.move_down)
        menu.addAction(f"Shift all from here on{_ELLIPSIS}", self.shift)
        menu.addAction("Paste events at the playhead\tCtrl+V", self.paste)
        menu.addAction("Remove\tDel", self.remove)
        event = self._event(self.model.source_row(row))
        add_stop_actions(menu, self.bridge, event_stops(event))

    def _event(self, index: int) -> Event:
        return self.bridge.document.scenario.events[index]

    # What the user does

    def add(self) -> None:
        """Ask for an event to add at the playhead."""
        new_event(self.bridge, self).open()

    def change(self) -> None:
        """Ask for all of the current event."""
        row = self.current_row()
        if row is not None:
            index = self.model.source_row(row)
            EventDialog(self.bridge, self._event(index), index, self).open()

    def edit_cell(self) -> None:
        """Let the current cell be typed over, or all of its event where it holds nothing."""
        if not self.type_over():
            self.change()

    def _typed(self, index: int, key: str, text: str) -> None:
        """Give what was typed to the event, and to all chosen ones if it is among them."""
        chosen = self.chosen
        indices = [index, *(i for i in chosen if i != index)] if index in chosen else [index]
        scenario = self.bridge.document.scenario
        self.edit(lambda: type_into_events(scenario, indices, key, text))

    def remove(self) -> None:
        """Take the chosen events out of the scenario."""
        scenario = self.bridge.document.scenario
        self.edit_chosen(lambda chosen: edits.remove_events(scenario, chosen))

    def duplicate(self) -> None:
        """Let the chosen events happen twice."""
        scenario = self.bridge.document.scenario
        self.edit_chosen(lambda chosen: edits.duplicate_events(scenario, chosen))

    def move_up(self) -> None:
        """Let the current event happen before the one above, if both have the same time."""
        self._reorder(-1)

    def move_down(self) -> None:
        """Let the current event happen after the one below, if both have the same time."""
        self._reorder(1)

    def _reorder(self, steps: int) -> None:
        row = self.current_row()
        if row is None:
            return
        index, scenario = self.model.source_row(row), self.bridge.document.scenario
        column = self.view.currentIndex().column()
        if self.edit(lambda: edits.reorder_event(scenario, index, steps)):
            self.make_current(index + steps, column)

    def retime(self) -> None:
        """Ask when the first chosen event happens; the others move along."""
        chosen = self.chosen
        if not chosen:
            return
        first = self._event(chosen[0]).time_ns
        asked = ask_time(
            self.bridge, self, "Change the time", "Time, or distance such as +10 ms:", first
        )
        if asked is not None:
            scenario = self.bridge.document.scenario
            self.edit_chosen(lambda found: edits.move_events(scenario, found, asked - first))

    def shift(self) -> None:
        """Ask by how much all that happens from the current event on is to move."""
        row = self.current_row()
        if row is None:
            return
        since_ns = self.model.time_ns(row)
        asked = ask_time(
            self.bridge, self, "Shift all from here on", "New time, or distance:", since_ns
        )
        if asked is not None:
            scenario = self.bridge.document.scenario
            self.bridge.edit(lambda: edits.shift_after(scenario, since_ns, asked - since_ns))

    def paste(self) -> None:
        """Add the events on the clipboard, the first of them at the playhead."""
        data = copied_events()
        if not data:
            self.bridge.message.emit("The clipboard holds no events: copy rows of this table first")
            return
        document = self.bridge.document
        self.bridge.edit(
            lambda: edits.paste_events(
                document.scenario, events_from_clip(data), document.playhead_ns
            )
        )

    def _copied(self, *, whole: bool) -> Found:
        """Return the rows as any table copies them, and as events to paste."""
        found = table_copy(self.view, whole=whole)
        if found is None:
            return None
        rows = selected_rows(self.view)
        shown = range(self.model.rowCount()) if whole or not rows else rows
        sources = self.model.source_rows(shown[:MOST_ROWS])
        events = self.bridge.document.scenario.events

        def with_events(copied: Copied) -> Copied:
            clip = events_to_clip(events[source] for source in sources)
            return Copied(copied.text, copied.what, {MIME_TYPE: clip})

        if isinstance(found, Copied):
            return with_events(found)
        return CopyWork(found.what, lambda: with_events(found.make()))
