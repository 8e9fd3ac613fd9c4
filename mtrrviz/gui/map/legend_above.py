"""The page of one map: its legend above it, unless the map needs the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QResizeEvent

    from mtrrviz.gui.map.legend import MapLegend

#: The legend steps aside where it would leave the map fewer lines of text than this.
_MAP_LINES = 15


class LegendAbove(QWidget):
    """Holds a legend and a map; ``want_legend`` says whether there is to be a legend at all."""

    def __init__(self, legend: MapLegend, canvas: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._legend = legend
        self._canvas = canvas
        self._wanted = True

    def want_legend(self, *, wanted: bool) -> None:
        """Show the legend where there is room for it, or nowhere."""
        self._wanted = wanted
        self._choose()

    def minimumSizeHint(self) -> QSize:
        """Need no more than the map."""
        return self._canvas.minimumSize()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the legend up, or bring it back."""
        super().resizeEvent(event)
        self._choose()

    def _choose(self) -> None:
        least = max(self._canvas.minimumHeight(), _MAP_LINES * self.fontMetrics().height())
        left = self.height() - self._legend.heightForWidth(self.width())
        self._legend.setVisible(self._wanted and left >= least)
