"""The Solve dock: the wanted map as a list, the limits, the registers found, and their export."""

from __future__ import annotations

from mtrrviz.gui.solve.solve_panel import SolvePanel

__all__ = ["SolvePanel"]
