"""The MTRR test of the Firmware Test Suite: `Reg 0: 0x... - 0x... (n MB) Write-Back`.

It prints what /proc/mtrr has, each range with the address behind its last (src/cpu/mtrr in fwts).
"""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers.facts import MtrrRange
from mtrrviz.importers.formats import LineFormat, LineParser

_TYPES = {
    "uncached": MemoryType.UC,
    "uncachable": MemoryType.UC,
    "write-combining": MemoryType.WC,
    "write-through": MemoryType.WT,
    "write-protect": MemoryType.WP,
    "write-back": MemoryType.WB,
}
_TYPE = "|".join(_TYPES)
_REG = re.compile(
    r"(?:.{0,20}\s)?Reg (\d{1,3}): 0x([0-9a-f]{1,16}) - 0x([0-9a-f]{1,17}) "
    rf"\( *\d{{1,12}} MB\)\s+({_TYPE})\s*$",
    re.IGNORECASE,
)


class FwtsParser(LineParser):
    """Reads the ranges, each with the number of its pair."""

    def take(self, line: str, number: int) -> bool:
        """Use a range."""
        match = _REG.match(line[:200])
        if match is None:
            return False
        start, end = int(match[2], 16), int(match[3], 16)
        if start >= end:
            return False
        kind = _TYPES[match[4].lower()]
        self.facts.add_range(MtrrRange(int(match[1]), start, end - start, kind, self.place(number)))
        return True


FORMAT = LineFormat(
    "fwts",
    "MTRR test of the Firmware Test Suite (fwts)",
    re.compile(
        rf"\bReg \d{{1,3}}: 0x[0-9a-f]{{8,16}} - 0x[0-9a-f]{{8,17}} \( *\d+ MB\)\s+(?:{_TYPE})",
        re.IGNORECASE,
    ),
    FwtsParser,
)
