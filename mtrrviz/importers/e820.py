"""The firmware's memory map (e820) in the kernel's log, today's form and that before Linux 3.1.

The old form's end is exclusive. Updates the kernel makes to its own copy do not change what the
machine has, so they are known and not used.
"""

from __future__ import annotations

import re

from mtrrviz.importers.facts import MemoryRange
from mtrrviz.importers.formats import LineFormat, LineParser
from mtrrviz.importers.linux_words import without_log_prefix

_NEW = re.compile(
    r"\s*BIOS-(?:e820|88|e801|provided): "
    r"\[mem 0x([0-9a-f]{1,20})-0x([0-9a-f]{1,20})\] (.+)"
)
_OLD = re.compile(
    r"\s*BIOS-(?:e820|88|e801): ([0-9a-f]{1,20}) - ([0-9a-f]{1,20}) \(([^)]{1,60})\)\s*$"
)
_KNOWN = re.compile(r"\s*(?:e820: |\S{1,30}: e820|.*e820)")


class _Parser(LineParser):
    """Reads the map's entries, one a line."""

    def take(self, line: str, number: int) -> bool:
        """Use a line of the firmware's map."""
        if "BIOS-" not in line:
            return False
        text, _ = without_log_prefix(line)
        if match := _NEW.match(text):
            self._add(match[1], int(match[2], 16) + 1, match[3], number)
        elif match := _OLD.match(text):
            self._add(match[1], int(match[2], 16), match[3], number)
        else:
            return False
        return True

    def _add(self, start: str, end: int, name: str, number: int) -> None:
        place = self.place(number)
        self.facts.add_memory(MemoryRange(int(start, 16), end, name.strip(), "e820", 0, place))

    def noise(self, line: str) -> str:
        """Return what the kernel's further lines on its map are."""
        text, is_log = without_log_prefix(line)
        if not is_log and not text.startswith("e820: "):
            return ""
        if "820" in text[:100] and _KNOWN.match(text[:200]):
            return "the kernel's changes to its own copy of the e820 map"
        return ""


FORMAT = LineFormat(
    "e820",
    "e820 memory map in a kernel log",
    re.compile(r"BIOS-e820: (?:\[mem 0x|[0-9a-f]+ - )"),
    _Parser,
)
