"""rdmsr of msr-tools, and the usual shell loops around it.

rdmsr prints a value a line without the register's number (`-a` one line per CPU), so the number
must come from a command line in the text, from what a loop printed before, or from the file's
name. A number followed by values gives the values of CPU 0, 1, ...; bare lines after it go on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.importers.dumps.linux_words import c_number
from mtrrviz.importers.dumps.msr_tools.msr_words import (
    MISSING,
    NAME,
    digits_of,
    hex_words,
    is_relevant,
    named,
)
from mtrrviz.importers.facts import Facts, Told, short
from mtrrviz.importers.formats import Context, Evidence, LineParser, find_lines
from mtrrviz.importers.notes import NoteKind
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMAND = re.compile(
    r"(?:.{0,80}[#$%>] *|\+ )?(?:sudo +)?rdmsr((?: +-{1,2}[\w-]+(?: +\d+(?= +\S))?){0,8})"
    r" +(0[xX][0-9a-fA-F]{1,8}|\d{1,10})\s*$"
)
_HEX = r"(?:0[xX])?[0-9a-fA-F]{1,40}"
_VALUES = rf"{_HEX}(?:[ ,]+{_HEX}){{0,254}}"
_NAMED = re.compile(
    rf"\s*({NAME})\s{{0,40}}(?:\(?(0[xX][0-9a-fA-F]{{1,8}})\)?)?\s*[:=]\s*({_VALUES})"
    # x86info says in brackets what the bits mean.
    r"(?:\s+\((?:\w+[ -]){1,4}\w*: ?.{1,160}\))?\s*$"
)
_NUMBERED = re.compile(
    rf"\s*(?:msr[ \[:]*)?((?:0[xX])?[0-9a-fA-F]{{2,8}})\]?"
    rf"\s{{0,40}}[:=]?(?:\s+|(?<=[:=])\s{{0,40}})({_VALUES})\s*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"\s*(?:msr +)?(?:(0[xX][0-9a-fA-F]{{2,8}}|2[0-9a-fA-F]{{2}})|({NAME}))\s*[:=]{MISSING}",
    re.IGNORECASE,
)
_PER_CPU = re.compile(rf"\s*cpu\s*#?(\d{{1,3}})\s*[:=]\s*({_HEX})\s*$", re.IGNORECASE)
_SECTION = re.compile(r"\W*(?:v?cpu|processor)\s*#?(\d{1,3})\W*$", re.IGNORECASE)
_BARE = re.compile(rf"\s*({_HEX})\s*$")
_DECIMAL = re.compile(r"\s*(\d{1,40})\s*$")
_FILE = re.compile(r"(?:^|[^0-9a-zA-Z])(?:0x)?((?:2[0-9a-f]{2})|fe)(?![0-9a-zA-Z])", re.IGNORECASE)
_CANNOT = re.compile(r"\s*rdmsr: (?:CPU|open|pread)")


class RdmsrParser(LineParser):
    """Keeps the register whose values are being listed and the next CPU."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._msr: int | None = None
        self._vcpu: int | None = 0
        self._section = 0
        self._decimal = False
        self._highest = -1
        self._label_line = 0
        self._bare_lines = 0
        self._first_bare = 0

    def take(self, line: str, number: int) -> bool:
        """Use a command, a register with values, or a bare value."""
        if not line.strip():
            return False
        if len(line) > 8000:
            return False
        return (
            self._command(line)
            or self._bare(line, number)
            or self._register(line, number)
            or self._per_cpu(line, number)
            or self._heading(line)
            or self._label(line, number)
            or self._refusal(line, number)
            or self._foreign()
        )

    def _foreign(self) -> bool:
        """Forget the register: bare numbers after a line of another format are not its values."""
        self._end_label()
        self._msr = None
        return False

    def _command(self, line: str) -> bool:
        match = _COMMAND.match(line)
        if match is None:
            return False
        options, msr = match[1], c_number(match[2])
        if msr < 0:
            return False
        self._end_label()
        self._msr = msr
        self._decimal = bool(re.search(r" -\w*[du]|--decimal|--unsigned", options))
        one = re.search(r"(?:-p|--processor) *(\d+)", options)
        is_all = re.search(r" -\w*a|--all", options)
        self._vcpu = int(one[1]) if one else 0 if is_all else None
        return True

    def _bare(self, line: str, number: int) -> bool:
        match = (_DECIMAL if self._decimal else _BARE).match(line)
        if match is None:
            return False
        if self._msr is None and not self._is_named_by_file(number):
            return self._homeless(number)
        if self._msr is None:
            return False
        if self._decimal:
            self._add(self._msr, int(match[1]), number)
        else:
            self._add_hex(self._msr, match[1], number)
        return True

    def _is_named_by_file(self, number: int) -> bool:
        """Take the register from the file's name, with a note, if the text has values alone."""
        match = _FILE.search(self.context.file.rsplit("/", 1)[-1])
        if match is None or not self.context.is_primary:
            return False
        self._msr, self._vcpu = int(match[1], 16), 0
        text = f"the file's name was taken to say that the values are of MSR {self._msr:#x}"
        self.facts.note(NoteKind.ASSUMED, text, self.place(number))
        return True

    def _homeless(self, number: int) -> bool:
        """Count a value that belongs to no known register, if the line can be a value."""
        if not self.context.is_primary:
            return False
        self._bare_lines += 1
        self._first_bare = self._first_bare or number
        return True

    def _register(self, line: str, number: int) -> bool:
        if match := _NAMED.match(line):
            msr = int(match[2], 16) if match[2] else named(match[1])
        elif match := _NUMBERED.match(line):
            msr = int(match[1], 16)
        else:
            return False
        self._end_label()
        if msr is None or not is_relevant(msr):
            if msr is None or not self.context.is_primary:
                return False
            self.facts.unused["values of other MSRs"] += 1
            self._msr = msr
            self._vcpu = None
            return True
        words = hex_words(match[match.re.groups])
        self._msr, self._decimal = msr, False
        self._vcpu = self._section
        for word in words:
            self._add_hex(msr, word, number)
        return True

    def _per_cpu(self, line: str, number: int) -> bool:
        match = _PER_CPU.match(line)
        if match is None or self._msr is None:
            return False
        self._vcpu = int(match[1])
        self._add_hex(self._msr, match[2], number)
        return True

    def _heading(self, line: str) -> bool:
        """Take a line that only names the CPU whose registers follow."""
        match = _SECTION.match(line) if self.context.is_primary else None
        if match is None:
            return False
        self._end_label()
        self._section, self._msr = int(match[1]), None
        return True

    def _label(self, line: str, number: int) -> bool:
        """Take a line that only names the register whose values follow."""
        match = _LABEL.match(line)
        if match is None:
            return False
        msr = int(match[1], 16) if match[1] else named(match[2])
        if msr is None:
            return False
        self._end_label()
        self._msr, self._vcpu, self._decimal = msr, self._section, False
        self._label_line = number
        return True

    def _end_label(self) -> None:
        """Record that the label before has no value, if it has none."""
        if self._label_line and self._msr is not None:
            self.facts.add_cut_register(self._msr, self.place(self._label_line))
        self._label_line = 0

    def _refusal(self, line: str, number: int) -> bool:
        if not _CANNOT.match(line):
            return False
        self._label_line = 0  # the register has no value to lose
        self.facts.note(
            NoteKind.WARNING, f"rdmsr failed: {short(line.strip())}", self.place(number)
        )
        return True

    def _add_hex(self, msr: int, word: str, number: int) -> None:
        """Record a value of which all digits count, also those in front."""
        self._add(msr, int(word, 16), number, digits_of(word))

    def _add(self, msr: int, value: int, number: int, digits: int = 0) -> None:
        """Record a value for the next CPU."""
        self._label_line = 0
        if not is_relevant(msr):
            self.facts.unused["values of other MSRs"] += 1
            return
        self.facts.add_register(self._vcpu, msr, value, self.place(number), digits)
        if self._vcpu is not None:
            self._highest = max(self._highest, self._vcpu)
            self._vcpu += 1

    def finish(self) -> None:
        """Tell how many CPUs were listed; ScenarioError if no register could be known at all."""
        self._end_label()
        if self._highest > 0:
            self.facts.tell(Told.VCPUS, self._highest + 1, self.place(0))
        if not self._bare_lines:
            return
        if not self.facts.registers:
            expected = "the register beside each value, as in `0x2ff c06`, or in the file's name"
            place = f"line {self._first_bare}"
            raise ScenarioError(self.context.file, place, "values without their register", expected)
        text = f"{self._bare_lines} values without their register were left out"
        self.facts.note(NoteKind.WARNING, text, self.place(self._first_bare))


class RdmsrFormat:
    """Recognises commands, registers with values, or a text of bare values."""

    id = "rdmsr"
    title = "rdmsr output, and shell loops around it"
    is_whole_text = False
    parser = RdmsrParser

    def recognise(self, sample: Sequence[str]) -> Evidence | None:
        """Count lines that list registers; bare values count only if nothing else is there."""
        found = find_lines([self._kept(line[:400]) for line in sample], re.compile(r"\S"))
        if found:
            return found
        lines = [line for line in sample if line.strip()]
        bare = [line for line in lines if _BARE.match(line)]
        if not bare or len(bare) * 10 < len(lines) * 9:
            return None
        return Evidence(len(bare), 0, "", "that are bare hexadecimal values")

    def _kept(self, line: str) -> str:
        """Return the line if it lists a register, else nothing."""
        if _COMMAND.match(line):
            return line
        if match := _NAMED.match(line):
            return line if match[2] or named(match[1]) else ""
        match = _NUMBERED.match(line)
        return line if match and is_relevant(int(match[1], 16)) and not _BARE.match(line) else ""


FORMAT = RdmsrFormat()
