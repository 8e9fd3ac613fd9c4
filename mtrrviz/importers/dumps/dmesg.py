"""The kernel's log: MTRRs, the PAT, complaints, RAM, CPUs, devices and the kind of machine.

What each line means is in :mod:`mtrrviz.importers.kernel`; the memory map of the firmware has a
format of its own (:mod:`mtrrviz.importers.dumps.e820`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.importers.facts import Facts, Told
from mtrrviz.importers.formats import Context, LineFormat, LineParser
from mtrrviz.importers.kernel import complaint_lines, devices, register_lines, told
from mtrrviz.importers.kernel.beginnings import BEGINNING, is_device_line
from mtrrviz.importers.kernel.cleanup import Cleanup

if TYPE_CHECKING:
    from mtrrviz.importers.notes import Place

MAX_CHARS = 400
"""No line of the kernel that is looked for is longer."""

_TOM = re.compile(r"(?:mtrr: )?TOM(2)?: ([0-9a-f]{1,16}) aka \d{1,12}M")
_PCI_NODES = re.compile(r"node \d{1,4} link \d{1,3}: |bus: ?[0-9a-f]{2} ")


class KernelLogParser(LineParser):
    """Reads a kernel's lines, and keeps what only several lines together tell."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._cleanup = Cleanup(facts)
        self._highest_pair = -1
        self._pair_before = -2
        self._last_pair_line = 0
        self._is_among_mtrrs = False

    def take(self, line: str, number: int) -> bool:
        """Use a line that tells anything about memory types."""
        before, self._pair_before = self._pair_before, -2
        if len(line) > MAX_CHARS:
            return False
        if register_lines.bare_number(line) == before + 1:
            self.facts.add_cut_pair(before + 1, self.place(number))
            self._note_pair(before + 1, number)
            return True
        if not BEGINNING.match(line):
            return False
        text, place = line.lstrip() if line[:1] == "\t" else line, self.place(number)
        if is_device_line(text):
            text = text.lstrip()
            return devices.take(text, place, self.facts) or self._words(text, place)
        if self._registers(text, number):
            return True
        text = text.lstrip()
        return self._words(text, place) or devices.take(text, place, self.facts)

    def _words(self, text: str, place: Place) -> bool:
        """Use a line that tells a single fact, or a complaint."""
        return told.take(text, place, self.facts) or complaint_lines.take(text, place, self.facts)

    def _registers(self, text: str, number: int) -> bool:
        """Use a line on MTRRs, or one of a list of several lines."""
        place = self.place(number)
        if register_lines.take(text, place, self.facts):
            self._is_among_mtrrs = True
            pair = register_lines.pair_number(text)
            if pair is not None:
                self._note_pair(pair, number)
            return True
        text = text.lstrip()
        return self._top_of_memory(text, number) or self._cleanup.take(text, place)

    def _note_pair(self, pair: int, number: int) -> None:
        self._pair_before = pair
        if pair > self._highest_pair:
            self._highest_pair, self._last_pair_line = pair, number

    def _top_of_memory(self, text: str, number: int) -> bool:
        """Use AMD's TOM and TOM2: among the MTRRs TOM2 is printed only if it forces WB."""
        match = _TOM.match(text)
        if match is None:
            if _PCI_NODES.match(text):
                self._is_among_mtrrs = False
            return False
        if not match[1]:
            self._is_among_mtrrs = False
            self.facts.tell(Told.TOM, int(match[2], 16), self.place(number))
        elif self._is_among_mtrrs:
            self.facts.tell(Told.FORCED_WB, 1, self.place(number))
            self.facts.tell(Told.FORCED_WB_END, int(match[2], 16), self.place(number))
        else:
            self.facts.tell(Told.TOM2, int(match[2], 16), self.place(number))
        return True

    def finish(self) -> None:
        """Tell the number of pairs, and what a clean-up made of them."""
        if self._highest_pair >= 0:
            place = self.place(self._last_pair_line)
            self.facts.tell(Told.PAIRS, self._highest_pair + 1, place)
        self._cleanup.finish(self.context.file)


FORMAT = LineFormat(
    "dmesg",
    "kernel log (MTRRs, PAT, CPUs, devices)",
    re.compile(
        r"MTRR default type: |MTRR (?:fixed|variable) ranges |x86/PAT: |MTRR map: \d|^mtrr: "
        r"|MTRRs? |^ *\d+ base [0-9A-Fa-f]+|last_pfn = |^Linux version "
        r"|variable MTRRs?\b|Hypervisor detected|Booting paravirtualized"
        r"|^ *[0-9A-Fa-f]{5}-[0-9A-Fa-f]{5} (?:write-|unc)"
    ),
    KernelLogParser,
)
