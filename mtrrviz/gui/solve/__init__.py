"""The mend dock: the wanted map as a list, what a solution may use, its registers, taking it."""

from __future__ import annotations

from mtrrviz.gui.solve.solve_panel import SolvePanel

__all__ = ["SolvePanel"]
