"""The Solve panel of the window; its view is made when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mtrrviz.gui.common.tables.copying import cover_tables
from mtrrviz.gui.solve.solve_view import SolveView

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker


class SolvePanel(QWidget):
    """Holds the view of the solver, which has so many fields that windows would open later for it.

    ``paint_requested`` asks for the map to be painted on.
    """

    paint_requested = Signal()

    def __init__(self, bridge: Bridge, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._worker = worker
        self.view: SolveView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setAccessibleName("Solve for MTRRs")

    def showEvent(self, event: QShowEvent) -> None:
        """Make the view the first time, unless this is only the window laying its docks out."""
        super().showEvent(event)
        if self.view is None:
            QTimer.singleShot(0, self, self._make_view)

    def _make_view(self) -> None:
        if self.view is None and self.isVisible():
            self.view = SolveView(self._bridge, self._worker, self)
            self.view.paint_requested.connect(self.paint_requested)
            cover_tables(self.view, self._bridge.message.emit)
            self._column.addWidget(self.view)
