"""The trace check: entries of a real KVM that the model would make otherwise."""

from __future__ import annotations

from mtrrviz.gui.trace_check.trace_check_panel import TraceCheckPanel

__all__ = ["TraceCheckPanel"]
