"""The names of the window's views that a lesson may name; a test compares them with the window."""

from __future__ import annotations

PANELS = (
    *("map", "tables", "ranges", "differences", "results"),
    *("registers", "inspector", "timeline", "events", "touches", "zaps", "faults", "stops"),
    *("history", "problems", "trace_check", "solve", "published", "model", "sweep", "policy"),
)
