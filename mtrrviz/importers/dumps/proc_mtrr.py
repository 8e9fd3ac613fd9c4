"""/proc/mtrr as printed since 2.6.28 and before, and the lines one writes to it.

See mtrr_seq_show and mtrr_write in arch/x86/kernel/cpu/mtrr/if.c. The file says neither the
default type nor the fixed ranges.
"""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers.dumps.linux_words import LINUX_TYPE, LINUX_TYPES, c_number
from mtrrviz.importers.facts import Facts, MtrrRange
from mtrrviz.importers.formats import Context, LineFormat, LineParser
from mtrrviz.importers.notes import NoteKind

_UNITS = {"B": 0, "KB": 10, "MB": 20, "GB": 30, "TB": 40}
_REG = re.compile(
    r"\s*reg(\d{2,3}): base=0x([0-9a-f]{1,20}) \( *\d+MB\), size= *(\d{1,18})([KMGT]?B)"
    rf"(?:, count=\d+: ({LINUX_TYPE}|\?)|: ({LINUX_TYPE}|\?), count=\d+)\s*$"
)
_CUT_REG = re.compile(r"\s*reg(\d{2,3}):? ?(?:b|ba|bas|base.{0,120})?$")
_SET = re.compile(
    r'(?:.{0,40}\becho\s+(?:-n\s+)?)?["\']?base=(0x[0-9a-fA-F]{1,20}|\d{1,20}) +'
    rf'size=(0x[0-9a-fA-F]{{1,20}}|\d{{1,20}}) +type=({LINUX_TYPE})["\']?(?:\s*>.{{0,60}})?\s*$'
)
_DISABLE = re.compile(
    r'(?:.{0,40}\becho\s+(?:-n\s+)?)?["\']?disable=(\d{1,3})["\']?(?:\s*>.{0,60})?\s*$'
)


class ProcMtrrParser(LineParser):
    """Reads ranges as printed, and the commands that set and disable them.

    Where the file is listed again, as before and after a change, the later list counts alone.
    """

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._list: list[MtrrRange] = []
        self._before: list[MtrrRange] = []

    def take(self, line: str, number: int) -> bool:
        """Use a register line or a command."""
        return self._register(line, number) or self._command(line, number)

    def _register(self, line: str, number: int) -> bool:
        match = _REG.match(line)
        if match is None:
            return self._cut_register(line, number)
        word = match[5] or match[6]
        if word == "?":
            self.facts.add_cut_pair(int(match[1]), self.place(number))
            text = f"reg{match[1]} has a type that Linux prints as '?': it was left out"
            self.facts.note(NoteKind.WARNING, text, self.place(number))
            return True
        size = int(match[3]) << _UNITS[match[4]]
        index, kind = int(match[1]), LINUX_TYPES[word]
        if index == 0 and self._list:
            self._begin_again()
        found = MtrrRange(index, int(match[2], 16), size, kind, self.place(number))
        self._list.append(found)
        self.facts.add_range(found)
        return True

    def _cut_register(self, line: str, number: int) -> bool:
        """Use a cut register line: it says that the pair is in use."""
        match = _CUT_REG.match(line[:200])
        if match is None:
            return False
        self.facts.add_cut_pair(int(match[1]), self.place(number))
        return True

    def _begin_again(self) -> None:
        """Drop the ranges read so far: the file is listed again."""
        old = {id(found) for found in self._list}
        kept = [found for found in self.facts.ranges if id(found) not in old]
        self.facts.ranges[:] = kept
        self._before, self._list = self._list, []

    def finish(self) -> None:
        """Say so if the file was listed twice and its lists differ."""
        shown, before = _values(self._list), _values(self._before)
        if shown <= before:
            # A part of it quoted again.
            numbers = {found.index for found in self._list}
            for found in self._before:
                if found.index not in numbers:
                    self.facts.add_range(found)
        elif before:
            text = "/proc/mtrr is listed more than once, and the lists differ: the last one counts"
            self.facts.note(NoteKind.WARNING, text, self._list[0].place)

    def _command(self, line: str, number: int) -> bool:
        if match := _SET.match(line):
            base, size = c_number(match[1]), c_number(match[2])
            if min(base, size) < 0:
                return False
            self._add(None, base, size, LINUX_TYPES[match[3]], number)
            return True
        if match := _DISABLE.match(line):
            self._add(int(match[1]), 0, 0, MemoryType.UC, number)
            return True
        return False

    def _add(self, index: int | None, base: int, size: int, kind: MemoryType, number: int) -> None:
        self.facts.add_range(MtrrRange(index, base, size, kind, self.place(number)))


def _values(ranges: list[MtrrRange]) -> set[tuple[int | None, int, int, MemoryType]]:
    """Return what ranges say, whatever their places."""
    return {(found.index, found.base, found.size, found.type) for found in ranges}


FORMAT = LineFormat(
    "proc-mtrr",
    "/proc/mtrr, and lines written to it",
    re.compile(rf"^\s*reg\d+: base=0x|\bbase=\S+ +size=\S+ +type=(?:{LINUX_TYPE})|\bdisable=\d+"),
    ProcMtrrParser,
)
