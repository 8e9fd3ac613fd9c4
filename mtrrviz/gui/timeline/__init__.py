"""The timeline: zaps, events and phases over time, with the playhead and markers A and B."""

from __future__ import annotations

from mtrrviz.gui.timeline.timeline_view import TimelineView

__all__ = ["TimelineView"]
