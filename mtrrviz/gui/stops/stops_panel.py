"""The panel of stops and bookmarks, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter
from mtrrviz.gui.stops.bookmark_list import BookmarkList
from mtrrviz.gui.stops.stop_list import StopList

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge


class StopsPanel(QWidget):
    """Where playing stops, and moments to go back to."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Stops and bookmarks")
        self.stops = StopList(bridge, self)
        self.bookmarks = BookmarkList(bridge, self)
        halves = TurningSplitter(self)
        halves.setHandleWidth(12)
        halves.addWidget(self.stops)
        halves.addWidget(self.bookmarks)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(halves)
