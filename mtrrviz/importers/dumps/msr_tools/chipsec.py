"""chipsec's text output: the msr command, the HAL's debug lines and the SMRR module.

See chipsec/utilcmd/msr_cmd.py and chipsec/hal/common/msr.py.
"""

from __future__ import annotations

import re

from mtrrviz.importers.dumps.msr_tools.msr_words import is_relevant
from mtrrviz.importers.formats import LineFormat, LineParser
from mtrrviz.importers.notes import NoteKind

_CLI = re.compile(
    r".{0,40}?\bCPU(\d{1,3}): RDMSR\( ?0x([0-9a-f]{1,8}) ?\) = ([0-9A-Fa-f]{1,40})(?: \(EAX=|\s*$)"
)
_HAL = re.compile(
    r".{0,40}?\[cpu(\d{1,3})\] (?:RD|WR)MSR\( ?0x([0-9a-fA-F]{1,8}) ?\): "
    r"EAX = 0x([0-9A-Fa-f]{1,20}), EDX = 0x([0-9A-Fa-f]{1,20})"
)
_CUT = re.compile(
    r".{0,40}?(?:\bCPU\d{1,3}: RDMSR|\[cpu\d{1,3}\] (?:RD|WR)MSR)"
    r"\( ?0x([0-9a-fA-F]{1,8}) ?\)"
)
_SMRR = re.compile(r"\[[*+\-!]\] SMRR range (base|mask|memory type)")
_OTHER = re.compile(r"\[(?:CHIPSEC|[*+\-!]|x|PASSED|FAILED|WARNING)\]|#{10,}|={20,}")


class ChipsecParser(LineParser):
    """Reads registers one line at a time."""

    def take(self, line: str, number: int) -> bool:
        """Use a register line."""
        text = line[:400]
        if match := _CLI.match(text):
            self._add(match[1], match[2], int(match[3], 16), number, len(match[3]))
        elif match := _HAL.match(text):
            value = int(match[3], 16) | int(match[4], 16) << 32
            # Each half is printed with eight digits.
            digits = len(match[3]) + len(match[4])
            self._add(match[1], match[2], value, number, digits)
        elif match := _CUT.match(text):
            self.facts.add_cut_register(int(match[1], 16), self.place(number))
        elif _SMRR.match(text):
            note = "SMRR hides system management memory; KVM has none, so it was left out"
            self.facts.note(NoteKind.INFO, note, self.place(number))
        else:
            return False
        return True

    def _add(self, cpu: str, msr: str, value: int, number: int, digits: int) -> None:
        register = int(msr, 16)
        if is_relevant(register):
            self.facts.add_register(int(cpu), register, value, self.place(number), digits)
        else:
            self.facts.unused["values of other MSRs"] += 1

    def noise(self, line: str) -> str:
        """Return what chipsec's other lines are."""
        return "other lines of chipsec" if _OTHER.match(line) else ""


FORMAT = LineFormat(
    "chipsec",
    "chipsec output",
    re.compile(r"CPU\d+: RDMSR\(|\[cpu\d+\] (?:RD|WR)MSR\(|^\[[*+\-!]\] SMRR range"),
    ChipsecParser,
)
