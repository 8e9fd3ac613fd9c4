"""The table of faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.ept import type_code
from mtrrviz.facts.tables.fault_rows import FaultRows
from mtrrviz.gui.common.looks.type_marks import type_icon
from mtrrviz.gui.common.tables.rows_model import CellLook, RowsModel
from mtrrviz.gui.common.tables.rows_table_view import RowsTableView
from mtrrviz.gui.common.widgets import mono_font
from mtrrviz.gui.stops.stop_actions import add_stop_actions
from mtrrviz.session.stop_targets import range_stops

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QMenu, QWidget

    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.gui.shell.bridge import Bridge

_WIDTHS = ("18.822400 s", "vCPU", "execute", "0x100_0000", "2 MiB", "type WB", "IPAT", "refault")


class FaultTableView(RowsTableView):
    """Every fault of the run in use: when, by whom, on which page, and the leaf that it made."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, FaultRows, parent)
        self.view.setAccessibleName("Faults")
        self.view.setObjectName("faults")
        self.set_widths(_WIDTHS)

    def make_model(self, kind: type[FactRows]) -> RowsModel:
        """Return a model that marks types with their colour."""

        def mark(rows: FaultRows, row: int, key: str) -> QIcon | None:
            if key != "type":
                return None
            return type_icon(self.bridge.theme, type_code(int(rows.leaves.bits[row])))

        look = CellLook(mark=mark)
        return RowsModel(kind, self.bridge.theme, mono_font(self), self, look)

    def make_rows(self) -> FaultRows | None:
        """Return the faults of the run in use."""
        run = self.bridge.document.run
        return None if run is None else FaultRows(run)

    def jump(self) -> None:
        """Move the playhead to the current fault, and select its vCPU and page."""
        row, rows = self.current_row(), self.model.rows
        if row is None or not isinstance(rows, FaultRows):
            return
        source = self.model.source_row(row)
        with self.bridge.document.batch():
            super().jump()
            self.bridge.document.select_page(rows.gfns(slice(source, source + 1))[0])

    def add_to_menu(self, menu: QMenu, row: int) -> None:
        """Offer to stop at what happens to the pages of this leaf."""
        rows, number = self.model.rows, self.model.source_row(row)
        if isinstance(rows, FaultRows):
            first = int(rows.leaves.first_gfn[number])
            gfns = (first, first + int(rows.leaves.pages[number]))
            add_stop_actions(menu, self.bridge, range_stops(gfns, int(rows.leaves.vcpu[number])))

    def empty_words(self) -> str:
        """Say why there is nothing."""
        if self.bridge.document.run is None:
            return "Simulating: faults appear here when the run is finished"
        return (
            "No faults: no vCPU touches memory in this scenario. Press X to touch the selected "
            "page, or Shift+X to touch a range"
        )
