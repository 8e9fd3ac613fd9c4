"""The events and the zaps as tables."""

from __future__ import annotations

from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.gui.tables.zap_table_view import ZapTableView

__all__ = ["EventTableView", "ZapTableView"]
