"""The inspector: everything about the selected page."""

from __future__ import annotations

from mtrrviz.gui.inspector.inspector import Inspector

__all__ = ["Inspector"]
