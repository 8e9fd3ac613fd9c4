"""The centre of the window: the map, the page tables, and the same in ranges as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from mtrrviz.gui.ept_tables import EptTables
from mtrrviz.gui.map.map_view import MapView
from mtrrviz.gui.map.ranges_view import RangesView

if TYPE_CHECKING:
    from mtrrviz.gui.bridge import Bridge


class MapPanel(QWidget):
    """Three views of one thing as tabs: Map, Page tables, Ranges."""

    inspect_requested = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.map = MapView(bridge, self)
        self.tables = EptTables(bridge, self)
        self.ranges = RangesView(bridge, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.map, "&Map")
        self.tabs.addTab(self.tables, "&Page tables")
        self.tabs.addTab(self.ranges, "&Ranges")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.map.inspect_requested.connect(self.inspect_requested)
        self.tables.inspect_requested.connect(self.inspect_requested)

    def fit(self) -> None:
        """Show the whole address space in the map."""
        self.tabs.setCurrentWidget(self.map)
        self.map.canvas.fit()

    def set_reduced_motion(self, reduced: bool) -> None:
        """Leave out the flash of zaps, or bring it back."""
        self.map.set_reduced_motion(reduced)
