"""`perf script` of KVM events: comm pid[/tid] [cpu] time: system:event: payload."""

from __future__ import annotations

import re

from mtrrviz.importers.formats import LineFormat
from mtrrviz.importers.traces.trace_lines import TraceParser

FORMAT = LineFormat(
    "perf-script",
    "perf script",
    re.compile(r"^\s*\S.{0,60}\s\d+(?:/\d+)?\s+\[\d+\]\s+-?\d+\.\d+:\s+(?:\d+\s+)?[a-z]\w*:\w+: "),
    TraceParser,
    is_whole_text=True,
)
