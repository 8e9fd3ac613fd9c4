"""The table of zaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.gui.common.tables.rows_table_view import RowsTableView
from mtrrviz.gui.stops.stop_actions import add_stop_actions
from mtrrviz.session.changes import Change
from mtrrviz.session.stop_targets import zap_stops

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu, QWidget

    from mtrrviz.gui.shell.bridge import Bridge

_WIDTHS = (
    *("18.822400 s", "vCPU", "non-coherent DMA", "0x8000_0000-0xffff_ffff", "1023 MiB"),
    *("leaves dropped", "cycles (modelled)", "by 14 vCPUs", "IA32_MTRR_DEF_TYPE"),
)


class ZapTableView(RowsTableView):
    """Every zap of the run in use: when, who, why, what range, what it cost."""

    remade_by = RowsTableView.remade_by | {Change.FIGURES}  # cycles follow the constants
    follows = remade_by | {Change.PLAYHEAD}

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, ZapRows, parent)
        self.view.setAccessibleName("Zaps")
        self.set_widths(_WIDTHS)

    def make_rows(self) -> ZapRows | None:
        """Return the zaps of the run in use."""
        run = self.bridge.document.run
        return None if run is None else ZapRows(run)

    def add_to_menu(self, menu: QMenu, row: int) -> None:
        """Offer to stop at zaps like this one."""
        rows, number = self.model.rows, self.model.source_row(row)
        if isinstance(rows, ZapRows):
            stops = zap_stops(rows.run.zaps.ranges[number], rows.event(number))
            add_stop_actions(menu, self.bridge, stops)

    def empty_words(self) -> str:
        """Say why there is nothing."""
        if self.bridge.document.run is None:
            return "Simulating: zaps appear here when the run is finished"
        return (
            "No zaps: no event made KVM drop EPT leaves under this policy. Write an MTRR or attach "
            "a device with non-coherent DMA: what KVM zaps then is listed here"
        )
