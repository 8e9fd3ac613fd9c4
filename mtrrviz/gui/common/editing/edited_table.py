"""A table of what happens, whose cells can be typed over and whose rows have keys of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView

from mtrrviz.gui.common.tables.row_selection import selected_rows
from mtrrviz.gui.common.tables.rows_table_view import RowsTableView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.edits import Edit


class EditedTable(RowsTableView):
    """Rows of the kind ``kind``, together called ``name``.

    What the user does concerns all selected rows, as one step.
    """

    def __init__(
        self, bridge: Bridge, kind: type[FactRows], name: str, parent: QWidget | None
    ) -> None:
        super().__init__(bridge, kind, parent)
        self.view.setAccessibleName(name.capitalize())
        self.view.setObjectName(name)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.SelectedClicked)

    def act_on(self, keys: Mapping[str, Callable[[], None]]) -> None:
        """Do what belongs to keys that are pressed while the panel has the focus."""
        for sequence, act in keys.items():
            key = QShortcut(QKeySequence(sequence), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(act)

    def index_at(self, row: int) -> int:
        """Return the index, among those of the scenario, of what a shown row is of."""
        return self.model.source_row(row)

    @property
    def chosen(self) -> list[int]:
        """The indices of the selected rows, ascending; of the current one if none is selected."""
        rows = selected_rows(self.view)
        current = self.current_row()
        if not rows and current is not None:
            rows = [current]
        return sorted(map(self.index_at, rows))

    def type_over(self) -> bool:
        """Let the current cell be typed over; return whether it is one that can be."""
        current = self.view.currentIndex()
        can_type = bool(self.model.flags(current) & Qt.ItemFlag.ItemIsEditable)
        if can_type:
            self.view.hold()
            self.view.edit(current)
        return can_type

    def edit(self, make: Callable[[], Edit]) -> bool:
        """Make an edit while the table keeps its place; return whether it was made."""
        self.view.hold()
        return self.bridge.edit(make)

    def edit_chosen(self, make: Callable[[list[int]], Edit]) -> None:
        """Make an edit of the chosen rows, if there are any."""
        chosen = self.chosen
        if chosen:
            self.edit(lambda: make(chosen))
