"""/sys/kernel/debug/x86/pat_memtype_list: the types that Linux gave to mappings, by address.

See memtype_seq_show in arch/x86/mm/pat/memtype.c; the end is not included. The list says nothing
about MTRRs, but where WC or UC was asked for there is a device.
"""

from __future__ import annotations

import re

from mtrrviz.importers.facts import MemoryRange
from mtrrviz.importers.formats import LineFormat, LineParser

_TYPE = r"(uncached-minus|uncached|write-back|write-combining|write-through|write-protected)"
_NEW = re.compile(rf"\s*PAT: \[mem 0x([0-9a-f]{{1,16}})-0x([0-9a-f]{{1,16}})\] {_TYPE}\s*$")
_OLD = re.compile(rf"\s*{_TYPE} @ 0x([0-9a-f]{{1,16}})-0x([0-9a-f]{{1,16}})\s*$")


class MemtypeListParser(LineParser):
    """Reads mappings, one a line."""

    def take(self, line: str, number: int) -> bool:
        """Use a mapping or the heading of the list."""
        text = line[:200]
        if match := _NEW.match(text):
            start, end, name = int(match[1], 16), int(match[2], 16), match[3]
        elif match := _OLD.match(text):
            start, end, name = int(match[2], 16), int(match[3], 16), match[1]
        else:
            return text.strip() == "PAT memtype list:"
        if start < end:
            self.facts.add_memory(MemoryRange(start, end, name, "pat", 0, self.place(number)))
        return True


FORMAT = LineFormat(
    "pat-memtype-list",
    "pat_memtype_list of debugfs",
    re.compile(rf"^\s*PAT: \[mem 0x|^\s*{_TYPE} @ 0x|^PAT memtype list:"),
    MemtypeListParser,
)
