"""An importer: lines such as "mtrr,0,0x0,0x80000000,WB", a variable range each."""

from __future__ import annotations

import re

from mtrrviz import MemoryType
from mtrrviz.importers.facts import MtrrRange
from mtrrviz.importers.formats import LineFormat, LineParser

_LINE = re.compile(r"mtrr,(\d{1,2}),0x([0-9a-f]{1,13}),0x([0-9a-f]{1,13}),(UC|WC|WT|WP|WB)\s*$")


class MtrrCsvParser(LineParser):
    """Takes a range a line."""

    def take(self, line: str, number: int) -> bool:
        """Use a range; False for a line of another format."""
        match = _LINE.match(line[:100])
        if match is None:
            return False
        pair, base, size = int(match[1]), int(match[2], 16), int(match[3], 16)
        kind = MemoryType[match[4]]
        self.facts.add_range(MtrrRange(pair, base, size, kind, self.place(number)))
        return True


FORMAT = LineFormat("mtrr-csv", "MTRRs as CSV", _LINE, MtrrCsvParser)
