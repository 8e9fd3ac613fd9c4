"""ftrace's own text: /sys/kernel/tracing/trace and trace_pipe, with or without flag columns."""

from __future__ import annotations

import re

from mtrrviz.importers.formats import LineFormat
from mtrrviz.importers.traces.trace_lines import TraceParser

FORMAT = LineFormat(
    "ftrace",
    "ftrace text (trace, trace_pipe)",
    re.compile(
        r"^\s*\S.{0,60}-\d+\s+(?:\(\s*[\d-]+\)\s+)?\[\d+\] (?:\S{4,6} )?\s*-?\d+(?:\.\d+)?: \w+: "
        r"|^# tracer: "
    ),
    TraceParser,
    is_whole_text=True,
)
