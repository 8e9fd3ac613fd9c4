"""When a run fulfils the conditions at which playing stops."""

from __future__ import annotations

from mtrrviz.analysis.stops.stop_times import needs_comparison, stop_times
from mtrrviz.analysis.stops.stop_words import stop_words

__all__ = ["needs_comparison", "stop_times", "stop_words"]
