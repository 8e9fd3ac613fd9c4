"""MTRR, PAT and CPU lines in the kernel's log, before and since Linux 6.5.

Sources: print_mtrr_state and print_fixed in arch/x86/kernel/cpu/mtrr/generic.c, mtrr_bp_init,
pat_bp_init, smpboot. Since 6.5 the registers are printed with mtrr=debug only; without it the
log has one line of counts.
"""

from __future__ import annotations

import re

from mtrrviz.core.memtype import PatType
from mtrrviz.core.regtable import PAT, PHYSBASE0, VALID_BIT
from mtrrviz.importers.facts import FixedRange, MtrrRange, Told
from mtrrviz.importers.formats import LineFormat, LineParser
from mtrrviz.importers.linux_words import (
    LINUX_TYPE,
    LINUX_TYPES,
    LOG_PREFIX,
    SHORT_TYPES,
    without_log_prefix,
)
from mtrrviz.importers.notes import Severity

_DEFAULT = re.compile(rf"(?:mtrr: )?MTRR default type: ({LINUX_TYPE})\s*$")
_ENABLED = re.compile(r"(?:mtrr: )?MTRR (fixed|variable) ranges (en|dis)abled:?\s*$")
_FIXED = re.compile(rf"(?:mtrr: )? *([0-9A-F]{{5}})-([0-9A-F]{{5}}) ({LINUX_TYPE})\s*$")
_PAIR = re.compile(
    rf"(?:mtrr: )? *(\d{{1,3}}) base ([0-9A-F]{{6,17}}) mask ([0-9A-F]{{6,17}}) ({LINUX_TYPE})\s*$"
)
_OFF = re.compile(r"(?:mtrr: )? *(\d{1,3}) disabled\s*$")
_MAP = re.compile(
    rf"(?:mtrr: )? *(\d{{1,3}}): ([0-9a-f]{{16}})-([0-9a-f]{{16}}) ({LINUX_TYPE})\s*$"
)
_SANE = re.compile(
    r"reg (\d{1,3}), base: (\d{1,12})([KMGT]?B), range: (\d{1,12})([KMGT]?B), "
    r"type (UC|WC|WT|WP|WB)\s*$"
)
_PAT = re.compile(r"x86/PAT: Configuration \[0-7\]:((?: +(?:UC-|UC|WC|WT|WP|WB)){8})\s*$")
_OLD_PAT = re.compile(r"x86 PAT enabled: cpu \d+, old 0x[0-9a-f]+, new 0x([0-9a-f]{1,17})\s*$")
_CPUS = re.compile(
    r"(?:smpboot: Allowing (\d{1,6}) CPUs|smp: Brought up \d+ nodes?, (\d{1,6}) CPUs)"
)
_BAD = re.compile(r"mtrr: .*|.{0,40}MTRR.{0,100}(?:inconsistent|BIOS|bug|strange|not |no |WARNING)")
_KNOWN = re.compile(
    r"MTRR map: \d|TOM2: |MTRR variable ranges \w+abled|total RAM covered|New variable MTRRs"
    r"|.{0,60}gran_size"
)
_UNITS = {"B": 0, "KB": 10, "MB": 20, "GB": 30, "TB": 40}
_PAT_CODES = {kind.label: int(kind) for kind in PatType}


class _Parser(LineParser):
    """Reads the kernel's lines on MTRRs, the PAT and CPUs."""

    def take(self, line: str, number: int) -> bool:
        """Use a line on MTRRs, the PAT or the number of CPUs."""
        text, _ = without_log_prefix(line)
        if len(text) > 300:
            return False
        return (
            self._heading(text, number)
            or self._fixed(text, number)
            or self._pair(text, number)
            or self._range(text, number)
            or self._pat(text, number)
            or self._cpus(text, number)
            or self._oddity(text, number)
        )

    def _heading(self, text: str, number: int) -> bool:
        if match := _DEFAULT.match(text):
            self.facts.tell(Told.DEFAULT_TYPE, LINUX_TYPES[match[1]], self.place(number))
            return True
        if match := _ENABLED.match(text):
            what = Told.FIXED_ENABLED if match[1] == "fixed" else Told.MTRR_ENABLED
            self.facts.tell(what, int(match[2] == "en"), self.place(number))
            return True
        return bool(_KNOWN.match(text))

    def _fixed(self, text: str, number: int) -> bool:
        match = _FIXED.match(text)
        if match is None:
            return False
        start, end = int(match[1], 16), int(match[2], 16) + 1
        self.facts.add_fixed(FixedRange(start, end, LINUX_TYPES[match[3]], self.place(number)))
        return True

    def _pair(self, text: str, number: int) -> bool:
        """Use a pair printed as base and mask; the flag V is printed as the word disabled."""
        place = self.place(number)
        if match := _PAIR.match(text):
            base, mask = int(match[2], 16), int(match[3], 16)
            msr = PHYSBASE0 + 2 * int(match[1])
            self.facts.add_register(None, msr, base | LINUX_TYPES[match[4]], place)
            self.facts.add_register(None, msr + 1, mask | VALID_BIT, place)
            return True
        if match := _OFF.match(text):
            msr = PHYSBASE0 + 2 * int(match[1])
            self.facts.add_register(None, msr, 0, place)
            self.facts.add_register(None, msr + 1, 0, place)
            return True
        return False

    def _range(self, text: str, number: int) -> bool:
        place = self.place(number)
        if match := _MAP.match(text):
            base, last = int(match[2], 16), int(match[3], 16)
            kind = LINUX_TYPES[match[4]]
            self.facts.add_range(MtrrRange(None, base, last + 1 - base, kind, place, is_map=True))
            return True
        if match := _SANE.match(text):
            base = int(match[2]) << _UNITS[match[3]]
            size = int(match[4]) << _UNITS[match[5]]
            self.facts.add_range(MtrrRange(int(match[1]), base, size, SHORT_TYPES[match[6]], place))
            return True
        return False

    def _pat(self, text: str, number: int) -> bool:
        if match := _PAT.match(text):
            codes = [_PAT_CODES[word] for word in match[1].split()]
            value = sum(code << 8 * i for i, code in enumerate(codes))
        elif match := _OLD_PAT.match(text):
            value = int(match[1], 16)
        else:
            return False
        self.facts.add_register(None, PAT, value, self.place(number))
        return True

    def _cpus(self, text: str, number: int) -> bool:
        match = _CPUS.match(text)
        if match is None:
            return False
        self.facts.tell(Told.VCPUS, int(match[1] or match[2]), self.place(number))
        return True

    def _oddity(self, text: str, number: int) -> bool:
        """Pass on what the kernel itself found wrong with the MTRRs."""
        if not _BAD.match(text):
            return False
        self.facts.note(Severity.WARNING, f"the kernel says: {text.strip()}", self.place(number))
        return True

    def noise(self, line: str) -> str:
        """Return what any other line with the kernel's time stamp is."""
        return "other lines of the kernel's log" if without_log_prefix(line)[1] else ""


FORMAT = LineFormat(
    "dmesg",
    "kernel log (MTRR, PAT and CPU lines)",
    re.compile(
        r"MTRR default type: |MTRR (?:fixed|variable) ranges |x86/PAT: Configuration|MTRR map: \d"
        rf"|^ *\d+ base [0-9A-F]+ mask [0-9A-F]+ |^{LOG_PREFIX}"
    ),
    _Parser,
)
