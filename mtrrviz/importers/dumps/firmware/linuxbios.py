"""Console of LinuxBIOS and coreboot up to 2012: `Setting fixed MTRRs(0-88) Type: UC`.

The numbers are of the 88 fixed ranges, the second one exclusive (src/cpu/x86/mtrr/mtrr.c,
src/cpu/amd/mtrr/amd_mtrr.c). Pairs are set in the words of Linux's clean-up, which the kernel's
importer reads.
"""

from __future__ import annotations

import re

from mtrrviz.core.msr.registers import (
    FIXED_MSRS,
    READ_DRAM_BIT,
    WRITE_DRAM_BIT,
    fixed_subranges,
)
from mtrrviz.importers.dumps.linux_words import SHORT_TYPES
from mtrrviz.importers.facts import Facts, FixedRange, Sign, Told
from mtrrviz.importers.formats import Context, LineFormat, LineParser

_FIXED = re.compile(
    r"\s*Setting fixed MTRRs\((\d{1,2})-(\d{1,2})\) [Tt]ype: (UC|WC|WT|WP|WB)"
    r"((?:, (?:RdMEM|WrMEM)){0,2})\s*$"
)
# The bits of an address above the 32nd that the CPU has.
_HIGH_MASK = re.compile(r"\s*ADDRESS_MASK_HIGH=(0x[0-9a-f]{1,8}|0)\s*$")
_KNOWN = re.compile(
    r"\s*(?:DONE (?:fixed|variable) MTRRs|Clear out the extra MTRR's|call enable_var_mtrr"
    r"|Leave x86_setup_mtrrs|(?:Enabl|Disabl)ing cache\s*$|Zero-sized MTRR range)"
)
_STARTS = [start for msr in FIXED_MSRS for start, _ in fixed_subranges(msr)] + [1 << 20]


class LinuxbiosParser(LineParser):
    """Fixed ranges are set one over the other, in the order of the lines."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._is_named = False

    def take(self, line: str, number: int) -> bool:
        """Use a line about the MTRRs being set."""
        text, place = line[:200], self.place(number)
        if match := _FIXED.match(text):
            self._fixed(match, number)
        elif match := _HIGH_MASK.match(text):
            self.facts.tell(Told.MAXPHYADDR, 32 + int(match[1], 16).bit_length(), place)
        else:
            return bool(_KNOWN.match(text))
        if not self._is_named:
            self._is_named = True
            self.facts.add_sign(Sign.FIRMWARE, "LinuxBIOS's console", place)
        return True

    def _fixed(self, match: re.Match[str], number: int) -> None:
        first, end = int(match[1]), int(match[2])
        if not first < end < len(_STARTS):
            return
        place, dram = self.place(number), 0
        if match[4]:
            dram |= READ_DRAM_BIT if "RdMEM" in match[4] else 0
            dram |= WRITE_DRAM_BIT if "WrMEM" in match[4] else 0
            self.facts.add_sign(Sign.AMD, match[0], place)
        kind = SHORT_TYPES[match[3]]
        self.facts.add_fixed(FixedRange(_STARTS[first], _STARTS[end], kind, place, dram_bits=dram))


FORMAT = LineFormat(
    "linuxbios",
    "LinuxBIOS console log",
    re.compile(r"^\s*Setting fixed MTRRs\(\d+-\d+\) [Tt]ype: "),
    LinuxbiosParser,
)
