"""Simulation: a scenario under a policy becomes a Run, from which every view is read."""

from __future__ import annotations

from mtrrviz.sim.run import Run, State
from mtrrviz.sim.simulate import simulate
from mtrrviz.sim.tables import ALIVE, LeafTable, ZapCause, ZapTable

__all__ = ["ALIVE", "LeafTable", "Run", "State", "ZapCause", "ZapTable", "simulate"]
