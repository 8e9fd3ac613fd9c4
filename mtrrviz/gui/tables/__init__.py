"""The events and the zaps as tables."""

from __future__ import annotations

from mtrrviz.gui.tables.event_table import EventTable
from mtrrviz.gui.tables.zap_table import ZapTable

__all__ = ["EventTable", "ZapTable"]
