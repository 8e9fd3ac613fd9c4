"""Touches that a scenario's author makes: the dialog for one, and the table of all."""

from __future__ import annotations

from mtrrviz.gui.touches.touch_dialog import TouchDialog, new_touch
from mtrrviz.gui.touches.touch_table_view import TouchTableView

__all__ = ["TouchDialog", "TouchTableView", "new_touch"]
