"""The table of hand-written touches, in which they can be added, typed over and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from mtrrviz.core.wording.words import plural
from mtrrviz.facts.tables.touch_rows import TouchRows
from mtrrviz.gui.common.editing.edited_table import EditedTable
from mtrrviz.gui.common.event_filters import KeysFirst
from mtrrviz.gui.common.widgets import OneLine, mono_font
from mtrrviz.gui.touches.touch_dialog import TouchDialog, new_touch
from mtrrviz.gui.touches.touch_model import TouchModel
from mtrrviz.session import edits
from mtrrviz.session.changes import Change
from mtrrviz.session.edits.typed_touch import type_into_touch
from mtrrviz.session.selection import Selection

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu, QWidget

    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.gui.common.tables.rows_model import RowsModel
    from mtrrviz.gui.shell.bridge import Bridge

_WIDTHS = (
    *("18.822400 s", "vCPU", "execute", "0x1_0000_0000", "1023.99 MiB", "18.822400 s"),
    *("RAM above 4 GiB", "firmware"),
)
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class TouchTableView(EditedTable):
    """Every touch that was written by hand; recorded ones are counted below the table."""

    remade_by = frozenset({Change.SCENARIO, Change.OPENED, Change.FILE})
    follows = remade_by | {Change.PLAYHEAD}

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, TouchRows, "touches", parent)
        self.set_widths(_WIDTHS)
        self.recorded = OneLine(self)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self.recorded)
        self.view.remove_requested.connect(self.remove)
        self.view.change_requested.connect(self.edit_cell)
        # Insert is a key of the window too: without this neither of the two would be heard.
        KeysFirst(self.view, lambda key: key == Qt.Key.Key_Insert)
        self.view.add_requested.connect(self.add)
        self.act_on({"Ctrl+Return": self.change})

    def make_model(self, kind: type[FactRows]) -> RowsModel:
        """Return a model that can be typed into."""
        del kind
        self._touches = TouchModel(self.bridge.theme, mono_font(self), self)
        self._touches.typed.connect(self._typed)
        return self._touches

    def make_rows(self) -> TouchRows:
        """Return the hand-written touches of the open scenario."""
        return TouchRows(self.bridge.document.scenario)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the touches, and how many were recorded."""
        super().show_document(changes)
        if changes & self.remade_by:
            self.recorded.say("dim", self._recorded_words())
            has_recorded = len(self.bridge.document.scenario.recorded) > 0
            # The words in place of an empty table tell the number too.
            self.recorded.setVisible(has_recorded and self.model.rowCount() > 0)

    def _recorded_words(self) -> str:
        count = len(self.bridge.document.scenario.recorded)
        noun = plural(count, "recorded touch", "recorded touches")
        return f"{noun} not listed: a recording stays as it was made" if count else ""

    def empty_words(self) -> str:
        """Say how touches come about."""
        words = (
            "No touches made by hand. Right-click a page on the map, press X to touch the "
            "selected page, or Insert here to touch a range."
        )
        return f"{words} {self._recorded_words()}".rstrip()

    def add_to_menu(self, menu: QMenu, row: int) -> None:
        """Offer what can be done with touches."""
        del row
        menu.addAction("Show the range on the map", self.show_on_map)
        menu.addSeparator()
        menu.addAction(f"Touch a range{_ELLIPSIS}\tIns", self.add)
        menu.addAction(f"Change the touch{_ELLIPSIS}\tCtrl+Enter", self.change)
        menu.addAction("Remove\tDel", self.remove)

    def index_at(self, row: int) -> int:
        """Return which of the scenario's touches a shown row is."""
        return self._touches.touch_at(row)

    # What the user does

    def add(self) -> None:
        """Ask for a range to touch at the playhead."""
        new_touch(self.bridge, None, self).open()

    def change(self) -> None:
        """Ask for all of the current touch."""
        row = self.current_row()
        if row is not None:
            index = self.index_at(row)
            sweep = self.bridge.document.scenario.sweeps[index]
            TouchDialog(self.bridge, sweep, index, self).open()

    def edit_cell(self) -> None:
        """Let the current cell be typed over, or all of its touch where it is no part of one."""
        if not self.type_over():
            self.change()

    def show_on_map(self) -> None:
        """Outline the range of the current touch on the map."""
        row = self.current_row()
        if row is not None:
            sweep = self.bridge.document.scenario.sweeps[self.index_at(row)]
            gfns = sweep.first_gfn, sweep.first_gfn + sweep.pages
            self.bridge.document.point_at(Selection(gfns=gfns))

    def remove(self) -> None:
        """Take the chosen touches out of the scenario."""
        scenario = self.bridge.document.scenario
        self.edit_chosen(lambda chosen: edits.remove_touches(scenario, chosen))

    def _typed(self, index: int, key: str, text: str) -> None:
        scenario = self.bridge.document.scenario
        self.edit(lambda: type_into_touch(scenario, index, key, text))
