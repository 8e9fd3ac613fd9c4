"""How zaps, their cycles and boot time grow with vCPUs and memory."""

from __future__ import annotations

from mtrrviz.gui.sweep.sweep_panel import SweepPanel

__all__ = ["SweepPanel"]
