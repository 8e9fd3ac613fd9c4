"""The table of real entries that differ from the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.facts.tables.mismatch_rows import MismatchRows
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.gui.common.tables.rows_table_view import RowsTableView

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge

_WIDTHS = (
    *("18.822400 s", "vCPU", "0x10_0000_0000", "4 KiB", "type 2 (reserved)", "WB, IPAT 0"),
    *("as another vCPU's MTRRs say", "1,000,000"),
)
NOTHING_OBSERVED = (
    "No real entries to check. Import a trace of KVM with kvm_tdp_mmu_spte_changed events, and "
    "each entry in it is compared with the model's here"
)


class MismatchTableView(RowsTableView):
    """Every real entry that the policy in use would make otherwise; a click goes there."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, MismatchRows, parent)
        self.view.setAccessibleName("Real entries that differ from the model's")
        self.set_widths(_WIDTHS)
        self.view.clicked.connect(self._go)

    def make_rows(self) -> MismatchRows | None:
        """Return the entries that differ under the policy in use."""
        run = self.bridge.document.run
        return None if run is None else MismatchRows(run)

    def empty_words(self) -> str:
        """Say why there is nothing."""
        run = self.bridge.document.run
        if run is None:
            return "Simulating: the check appears here when the run is finished"
        if not trace_check(run).compared:
            return NOTHING_OBSERVED
        return "Every entry in the trace matches the model"

    def _go(self, _index: QModelIndex) -> None:
        self.jump()

    def jump(self) -> None:
        """Move the playhead to the current entry, select its vCPU and its page."""
        row, rows = self.current_row(), self.model.rows
        if row is None or not isinstance(rows, MismatchRows):
            return
        with self.bridge.document.batch():
            super().jump()
            self.bridge.document.select_page(rows.gfn(self.model.source_row(row)))
