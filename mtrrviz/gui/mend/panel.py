"""The mend panel of the window: what mending shows is made when it is first looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mtrrviz.gui.mend.view import MendView

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from mtrrviz.gui.bridge import Bridge
    from mtrrviz.gui.worker import Worker


class MendPanel(QWidget):
    """Holds the view of mending, which has so many fields that windows would open later for it.

    ``paint_requested`` asks for the map to be painted on.
    """

    paint_requested = Signal()

    def __init__(self, bridge: Bridge, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._worker = worker
        self.view: MendView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setAccessibleName("Mend the MTRRs")

    def showEvent(self, event: QShowEvent) -> None:
        """Make the view the first time."""
        if self.view is None:
            self.view = MendView(self._bridge, self._worker, self)
            self.view.paint_requested.connect(self.paint_requested)
            self._column.addWidget(self.view)
        super().showEvent(event)
