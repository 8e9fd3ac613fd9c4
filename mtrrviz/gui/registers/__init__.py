"""The register editor: every MTRR, the PAT and CR0.CD of a vCPU at the playhead."""

from __future__ import annotations

from mtrrviz.gui.registers.registers_panel import RegisterPanel

__all__ = ["RegisterPanel"]
