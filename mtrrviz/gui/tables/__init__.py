"""The events, the zaps and the faults as tables."""

from __future__ import annotations

from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.gui.tables.fault_table_view import FaultTableView
from mtrrviz.gui.tables.zap_table_view import ZapTableView

__all__ = ["EventTableView", "FaultTableView", "ZapTableView"]
