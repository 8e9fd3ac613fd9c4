"""A plain list of registers: `msr value`, `msr,value`, `name = value`, or rows with a CPU first.

A header row such as `cpu,msr,value` says what the columns are.
"""

from __future__ import annotations

import re

from mtrrviz.importers.dumps.msr_tools.msr_words import MISSING, NAME, digits_of, is_relevant, named
from mtrrviz.importers.formats import LineFormat, LineParser

_WORD = r"(?:0[xX][0-9a-fA-F]{1,40}|[0-9a-fA-F]{1,40})"
_ROW = re.compile(
    rf"\s*(?:(?:cpu *)?(\d{{1,3}}) *[,;:\t] *)?(0[xX][0-9a-fA-F]{{1,8}}|[0-9a-fA-F]{{2,8}}|{NAME})"
    rf"\s{{0,40}}[,;=\t]\s*({_WORD})\s{{0,8}}[,;]?\s*$",
    re.IGNORECASE,
)
# With nothing but spaces between, a name or a CPU must say that this is a register.
_SPACED = re.compile(
    rf"\s*(?:cpu *(\d{{1,3}})[\s:]+)?((?:IA32_|MSR_|MTRR)\w{{2,30}}"
    rf"|(?<=[\s:])(?:0[xX][0-9a-fA-F]{{1,8}}|2[0-9a-fA-F]{{2}}))\s+({_WORD})\s*$",
    re.IGNORECASE,
)
# In a sentence both numbers must look like numbers, and the register like one.
_INLINE = re.compile(
    rf"(?<![\w.])(0[xX]2[0-9a-fA-F]{{2}}|(?:IA32_|MSR_){NAME})\s{{0,3}}[=:]\s{{0,3}}"
    r"(0[xX][0-9a-fA-F]{1,16})(?!\w)"
)
_HEADER = re.compile(
    r"\s*(?:cpu *[,;\t] *)?(?:msr|register|name) *[,;\t] *value\s*$", re.IGNORECASE
)


_CUT = re.compile(
    rf"\s*(?:(?:cpu *)?\d{{1,3}} *[,;:\t] *)?(0[xX]2[0-9a-fA-F]{{2}}|2[0-9a-fA-F]{{2}}|{NAME})"
    rf"\s{{0,40}}[,;=\t]{MISSING}",
    re.IGNORECASE,
)


class MsrListParser(LineParser):
    """Reads registers, one a line or several in a sentence; a line's first number may be a vCPU."""

    def take(self, line: str, number: int) -> bool:
        """Use a row."""
        if len(line) > 200:
            return False
        if _HEADER.match(line):
            return True
        match = _ROW.match(line) or _SPACED.match(line)
        if match is None:
            return self._sentence(line, number) or self._cut(line, number)
        msr = named(match[2])
        if msr is None:
            msr = _number(match[2])
        if msr is None:
            return False
        if not is_relevant(msr):
            self.facts.unused["values of other MSRs"] += 1
            return self.context.is_primary
        vcpu = None if match[1] is None else int(match[1])
        self._add(vcpu, msr, match[3], number)
        return True

    def _add(self, vcpu: int | None, msr: int, word: str, number: int) -> None:
        self.facts.add_register(vcpu, msr, int(word, 16), self.place(number), digits_of(word))

    def _cut(self, line: str, number: int) -> bool:
        """Use a row that ends before its value."""
        match = _CUT.match(line)
        msr = named(match[1]) or _number(match[1]) if match else None
        if msr is None or not is_relevant(msr):
            return False
        self.facts.add_cut_register(msr, self.place(number))
        return True

    def _sentence(self, line: str, number: int) -> bool:
        """Use every register that a line of prose gives a value."""
        found = False
        for match in _INLINE.finditer(line):
            msr = int(match[1], 16) if match[1][:1] == "0" else named(match[1])
            if msr is not None and is_relevant(msr):
                self._add(None, msr, match[2], number)
                found = True
        return found


def _number(word: str) -> int | None:
    """Return the number of a register that is written as one."""
    return int(word, 16) if re.fullmatch(r"(?:0[xX])?[0-9a-fA-F]{1,8}", word) else None


FORMAT = LineFormat(
    "msr-list",
    "list of MSR numbers or names with values",
    re.compile(
        rf"^\s*(?:(?:cpu *)?\d{{1,3}} *[,;:\t] *)?(?:(?:0[xX])?2[0-9a-fA-F]{{2}}|{NAME})"
        rf"\s*[,;=\t]\s*{_WORD}\s*[,;]?\s*$"
        rf"|(?<![\w.])(?:0x2[0-9a-f]{{2}}|IA32_{NAME})\s{{0,3}}=\s{{0,3}}0x[0-9a-f]+\b"
        rf"|^\s*(?:cpu *\d{{1,3}}[\s:]+(?:0[xX])?2[0-9a-fA-F]{{2}}|(?:IA32_|MSR_)?MTRR_?\w{{2,30}})"
        rf"\s+{_WORD}\s*$",
        re.IGNORECASE,
    ),
    MsrListParser,
)
