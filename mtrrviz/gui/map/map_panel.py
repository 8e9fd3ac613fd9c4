"""The centre of the window: the map, the page tables, ranges, and the ranges that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from mtrrviz.gui.compare.difference_table_view import DifferenceTableView
from mtrrviz.gui.map.map_view import MapView
from mtrrviz.gui.map.ranges_view import RangesView
from mtrrviz.gui.page_tables.page_tables_view import PageTablesView
from mtrrviz.scenario.view import MapMode

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge


class MapPanel(QWidget):
    """Views of one thing as tabs: Map, Page tables, Ranges, Differences."""

    inspect_requested = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.map = MapView(bridge, self)
        self.tables = PageTablesView(bridge, self)
        self.ranges = RangesView(bridge, self)
        self.differences = DifferenceTableView(bridge, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Views of the memory")
        self.tabs.addTab(self.map, "&Map")
        self.tabs.addTab(self.tables, "Page ta&bles")
        self.tabs.addTab(self.ranges, "&Ranges")
        self.tabs.addTab(self.differences, "&Differences")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.map.inspect_requested.connect(self.inspect_requested)
        self.tables.inspect_requested.connect(self.inspect_requested)

    def fit(self) -> None:
        """Show the whole address space in the map."""
        self.tabs.setCurrentWidget(self.map)
        self.map.canvas.fit()

    def toggle_paint(self) -> None:
        """Begin to paint the wanted map on the map, or stop."""
        painting = self.map.painting
        if not painting.is_on:
            self.show_mode(MapMode.ONE)
            self.map.canvas.setFocus()
        painting.set_on(not painting.is_on)

    def show_mode(self, mode: MapMode) -> None:
        """Let the map show one policy, two side by side, or their differences."""
        self.tabs.setCurrentWidget(self.map)
        self.bridge.document.set_map_mode(mode)

    def next_mode(self) -> None:
        """Go on to the next way in which the map can be shown."""
        modes = list(MapMode)
        mode = self.bridge.document.map_mode
        self.show_mode(modes[(modes.index(mode) + 1) % len(modes)])

    def set_reduced_motion(self, reduced: bool) -> None:
        """Leave out the flash of zaps, or bring it back."""
        self.map.set_reduced_motion(reduced)
