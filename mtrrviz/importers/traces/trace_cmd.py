"""`trace-cmd report`: an optional instance name, no flags, events padded to a column.

Its plugins print some KVM events in another form; those that lost their numbers are counted as
other events, and `trace-cmd report -N` prints them whole.
"""

from __future__ import annotations

import re

from mtrrviz.importers.formats import LineFormat
from mtrrviz.importers.traces.trace_lines import TraceParser

FORMAT = LineFormat(
    "trace-cmd",
    "trace-cmd report",
    re.compile(
        r"^cpus=\d+$"
        r"|^(?:[\w.-]+: +)?\s*\S.{0,60}-\d+\s+\[\d+\](?: \S{4,6})?\s+-?\d+\.\d+: \w+:\s{2,}"
        r"|^[\w.-]+: +\S.{0,60}-\d+\s+\[\d+\](?: \S{4,6})?\s+-?\d+\.\d+: \w+: "
    ),
    TraceParser,
    is_whole_text=True,
)
