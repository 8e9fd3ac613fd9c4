"""FreeBSD's `memcontrol list`: base/length, owner, type and flags (usr.sbin/memcontrol).

Ranges of fixed registers are marked fixed-base; the others are pairs, in the order of their
numbers, of which the unused are listed with -a only.
"""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers.facts import Facts, FixedRange, MtrrRange
from mtrrviz.importers.formats import Context, LineFormat, LineParser

_TYPES = {
    "uncacheable": MemoryType.UC,
    "write-combine": MemoryType.WC,
    "write-through": MemoryType.WT,
    "write-back": MemoryType.WB,
    "write-protect": MemoryType.WP,
}
_TYPE = "|".join(_TYPES)
_LINE = re.compile(
    r"\s*(?:0x)?([0-9a-f]{1,16})/(?:0x)?([0-9a-f]{1,17}) (\S{1,16}) "
    r"([a-z][a-z-]{2,20}(?: [a-z][a-z-]{2,20}){0,11})\s*$"
)

_CUT = re.compile(r"\s*(?:0x)?([0-9a-f]{1,16})/(?:0x)?[0-9a-f]{0,17}(?: .{0,200})?$")


class MemcontrolParser(LineParser):
    """Numbers the pairs in the order in which they are listed."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._pairs = self._lines = 0

    def take(self, line: str, number: int) -> bool:
        """Use a range."""
        match = _LINE.match(line[:300])
        words = match[4].split() if match else []
        kind = next((_TYPES[word] for word in words if word in _TYPES), None)
        if match is None or kind is None:
            return self._cut(line, number)
        self._lines += 1
        base, size, place = int(match[1], 16), int(match[2], 16), self.place(number)
        if "fixed-base" in words:
            self.facts.add_fixed(FixedRange(base, base + size, kind, place))
            return True
        if "active" in words:
            self.facts.add_range(MtrrRange(self._pairs, base, size, kind, place))
        elif size:
            # Its last word is missing: it may have been the one that says that it is in use.
            self.facts.add_cut_pair(self._pairs, place)
        self._pairs += 1
        return True

    def _cut(self, line: str, number: int) -> bool:
        """Use a cut line: it may be of a pair, which then counts among the numbered ones."""
        match = _CUT.match(line[:300])
        if match is None or not self._lines or int(match[1], 16) in range(1, 1 << 20):
            return False
        self.facts.add_cut_pair(self._pairs, self.place(number))
        self._pairs += 1
        return True


FORMAT = LineFormat(
    "memcontrol",
    "memcontrol list of FreeBSD",
    re.compile(rf"^\s*(?:0x)?[0-9a-f]+/(?:0x)?[0-9a-f]+ \S+ (?:{_TYPE})\b"),
    MemcontrolParser,
)
