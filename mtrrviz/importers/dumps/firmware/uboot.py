"""U-Boot's `mtrr` command: one row a pair, with its base, mask and size (cmd/x86/mtrr.c)."""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import PHYSBASE0, VALID_BIT
from mtrrviz.importers.facts import Facts, Sign, Told
from mtrrviz.importers.formats import Context, LineFormat, LineParser

_TYPES = {
    "Uncacheable": MemoryType.UC,
    "Combine": MemoryType.WC,
    "Through": MemoryType.WT,
    "Protect": MemoryType.WP,
    "Back": MemoryType.WB,
}
_TYPE = "|".join(_TYPES)
_ROW = re.compile(
    rf"\s*(\d{{1,3}})\s+([YN])\s+({_TYPE})\s+([0-9a-f]{{16}})\s+([0-9a-f]{{16}})\s+[0-9a-f]{{16}}\s*$"
)
_HEADING = re.compile(r"\s*Reg\s+Valid\s+Write-type\s+Base\s")
_CPU = re.compile(r"\s*CPU (\d{1,3}):\s*$")


class UbootParser(LineParser):
    """Reads the rows below a heading; each CPU has a list of its own."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._vcpu: int | None = None
        self._pairs = 0

    def take(self, line: str, number: int) -> bool:
        """Use a row, or a line above the rows."""
        text = line[:200]
        if match := _ROW.match(text):
            self._pair(match, number)
        elif (match := _CPU.match(text)) and self.context.is_primary:
            self._vcpu = int(match[1])
        elif _HEADING.match(text):
            self.facts.add_sign(Sign.FIRMWARE, "U-Boot's mtrr command", self.place(number))
        else:
            return False
        return True

    def _pair(self, match: re.Match[str], number: int) -> None:
        """Record both registers of a pair; the valid bit is a column of its own."""
        pair, is_valid, place = int(match[1]), match[2] == "Y", self.place(number)
        msr = PHYSBASE0 + 2 * pair
        base = int(match[4], 16) | _TYPES[match[3]] if is_valid else 0
        mask = int(match[5], 16) | VALID_BIT if is_valid else 0
        self.facts.add_register(self._vcpu, msr, base, place)
        self.facts.add_register(self._vcpu, msr + 1, mask, place)
        self._pairs = max(self._pairs, pair + 1)
        self.facts.tell(Told.PAIRS, self._pairs, place)


FORMAT = LineFormat(
    "uboot",
    "U-Boot's mtrr command",
    re.compile(
        rf"^\s*\d{{1,3}}\s+[YN]\s+(?:{_TYPE})\s+[0-9a-f]{{16}}\s|^\s*Reg\s+Valid\s+Write-type\s"
    ),
    UbootParser,
)
