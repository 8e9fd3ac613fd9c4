"""The MTRR dump of edk2's MtrrLib, its variants, and the ranges of its unit tests.

See MtrrDebugPrintAllMtrrsWorker in UefiCpuPkg/Library/MtrrLib; TestPoint copies print no range
list, copies for OS services indent by two, and old ones call the list "MTRR Ranges".
"""

from __future__ import annotations

import re

from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, PHYSBASE0
from mtrrviz.importers.dumps.linux_words import SHORT_TYPES
from mtrrviz.importers.facts import MtrrRange, Sign, Told
from mtrrviz.importers.formats import LineFormat, LineParser

_HEX = "(?:0x)?[0-9A-Fa-f]{1,40}"
_DEFAULT = re.compile(rf"MTRR (?:Default|Define) Type: ?({_HEX})\s*$")
_FIXED = re.compile(rf"Fixed MTRR\[(\d\d)\] *: ?({_HEX})\s*$")
_PAIR = re.compile(rf"Variable MTRR\[(\d\d)\]: ?Base=({_HEX}) Mask=({_HEX})\s*$")
_CUT_PAIR = re.compile(r"Variable MTRR\[(\d\d)(?:$|\].{0,120}$)")
_RANGE = re.compile(
    r"(UC|WC|WT|WP|WB|R\*):(?:0x)?([0-9A-Fa-f]{8,16})-(?:0x)?([0-9A-Fa-f]{8,16})\s*$"
)
_UNIT = re.compile(
    r"(?:UT: *)?(?:\[ *\d+\] *)?\{ *0x([0-9A-Fa-f]{1,20}), *0x([0-9A-Fa-f]{1,20}), *"
    r"(?:Cache)?(UC|WC|WT|WP|WB) *\},?"
)
_NOISE = re.compile(
    r"MTRR Settings:?\s*$|=====+\s*$|(?:Memory|MTRR) Ranges:?\s*$|Variable MTRR +: None\.|"
    r"(?:Default|Define) (?:Fix )?MTRR Enable|==== TestPointCheckMtrr"
)


class Edk2Parser(LineParser):
    """Reads default type, fixed and variable registers and ranges."""

    def take(self, line: str, number: int) -> bool:
        """Use a line of the dump."""
        text = line.strip()
        if len(text) > 200:
            return False
        return (
            self._register(text, number) or self._range(text, number) or self._state(text, number)
        )

    def _register(self, text: str, number: int) -> bool:
        place = self.place(number)
        if match := _PAIR.match(text):
            msr = PHYSBASE0 + 2 * int(match[1])
            self.facts.add_register(None, msr, int(match[2], 16), place)
            self.facts.add_register(None, msr + 1, int(match[3], 16), place)
            return True
        if match := _CUT_PAIR.match(text):
            self.facts.add_cut_pair(int(match[1]), place)
            return True
        if match := _FIXED.match(text):
            if int(match[1]) >= len(FIXED_MSRS):
                return False
            self.facts.add_register(None, FIXED_MSRS[int(match[1])], int(match[2], 16), place)
            return True
        if match := _DEFAULT.match(text):
            self.facts.add_register(None, DEFTYPE, int(match[1], 16), place)
            return True
        return False

    def _range(self, text: str, number: int) -> bool:
        """Use a range of the effective map, printed with its end or, in tests, with its length."""
        place = self.place(number)
        if match := _RANGE.match(text):
            start, last = int(match[2], 16), int(match[3], 16)
            kind = SHORT_TYPES.get(match[1])
        elif match := _UNIT.match(text):
            start, kind = int(match[1], 16), SHORT_TYPES[match[3]]
            last = start + int(match[2], 16) - 1
        else:
            return False
        if kind is not None and start <= last:
            self.facts.add_range(MtrrRange(None, start, last + 1 - start, kind, place, is_map=True))
        return True

    def _state(self, text: str, number: int) -> bool:
        if text.startswith("MTRR Settings"):
            self.facts.add_sign(Sign.FIRMWARE, "edk2's MtrrLib", self.place(number))
        if text.startswith("MTRR is not enabled."):
            self.facts.tell(Told.MTRR_ENABLED, 0, self.place(number))
            return True
        return bool(_NOISE.match(text))


FORMAT = LineFormat(
    "edk2",
    "edk2 MtrrLib dump",
    re.compile(
        r"^\s*(?:MTRR (?:Default|Define) Type: ?(?:0x)?[0-9A-Fa-f]{8}"
        r"|(?:Fixed|Variable) MTRR\[\d\d\]"
        r"|(?:UC|WC|WT|WP|WB):(?:0x)?[0-9A-Fa-f]{8,16}-(?:0x)?[0-9A-Fa-f]{8}"
        r"|\{ 0x[0-9a-fA-F]{16}, 0x|MTRR is not enabled)"
    ),
    Edk2Parser,
)
