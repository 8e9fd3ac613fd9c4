"""The trace check: entries of a real KVM that the model would make otherwise."""

from __future__ import annotations

from mtrrviz.gui.trace_check.panel import TraceCheckPanel

__all__ = ["TraceCheckPanel"]
