"""/proc/iomem: resources as the kernel knows them, two spaces of indent a level.

Readers that are not root get zeros, which is said and not used.
"""

from __future__ import annotations

import re

from mtrrviz.importers.facts import MemoryRange
from mtrrviz.importers.formats import LineFormat, LineParser
from mtrrviz.importers.notes import NoteKind

_LINE = re.compile(r"( {0,40})([0-9a-f]{8,20})-([0-9a-f]{8,20}) : (.{0,200})$")


class IomemParser(LineParser):
    """Collects resources, and counts those whose addresses were hidden."""

    zeros = 0
    first_zero = 0

    def take(self, line: str, number: int) -> bool:
        """Use a resource line."""
        match = _LINE.match(line)
        if match is None:
            return False
        start, last = int(match[2], 16), int(match[3], 16)
        if start == last == 0:
            self.zeros += 1
            self.first_zero = self.first_zero or number
            return True
        depth, name = len(match[1]) // 2, match[4].strip()
        self.facts.add_memory(
            MemoryRange(start, last + 1, name, "iomem", depth, self.place(number))
        )
        return True

    def finish(self) -> None:
        """Say that a reader without rights got zeros."""
        if self.zeros:
            text = (
                f"{self.zeros} resources have no addresses: /proc/iomem shows zeros to anyone but "
                "root; read it with sudo"
            )
            self.facts.note(NoteKind.WARNING, text, self.place(self.first_zero))


FORMAT = LineFormat(
    "iomem", "/proc/iomem", re.compile(r"^ {0,20}[0-9a-f]{8,16}-[0-9a-f]{8,16} : "), IomemParser
)
