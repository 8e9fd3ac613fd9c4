"""The conditions at which playing stops, and the bookmarks."""

from __future__ import annotations

from mtrrviz.gui.stops.stop_actions import add_stop_actions, stop_actions
from mtrrviz.gui.stops.stops_panel import StopsPanel

__all__ = ["StopsPanel", "add_stop_actions", "stop_actions"]
