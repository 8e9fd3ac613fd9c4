"""The constants of the model: to see, to change, and what they change."""

from __future__ import annotations

from mtrrviz.gui.model.model_panel import ModelPanel

__all__ = ["ModelPanel"]
