"""coreboot's console: the MTRRs it programs (src/cpu/x86/mtrr/mtrr.c), with or without levels.

Lines with an apic_id belong to that CPU. The counts and the address map are explanations.
"""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MTRR_TYPE_CODES, MemoryType
from mtrrviz.core.regtable import PHYSBASE0, VALID_BIT
from mtrrviz.importers.facts import Facts, MtrrRange, Told
from mtrrviz.importers.formats import Context, LineFormat, LineParser
from mtrrviz.importers.notes import Severity

_LEVEL = re.compile(r"\s*\[(?:EMERG|ALERT|CRIT|ERROR|WARN|NOTE|INFO|DEBUG|SPEW) *\] {0,2}")
_APIC = re.compile(r"(?:apic_id (0x[0-9a-f]{1,8})(?::| setup) ?)")
_FIXED = re.compile(r"MTRR: Fixed MSR 0x([0-9a-f]{1,8}) 0x([0-9a-f]{1,40})\s*$")
_PAIR = re.compile(
    r"MTRR: (\d{1,3}) base 0x([0-9a-f]{1,40}) mask 0x([0-9a-f]{1,40}) type (\d{1,3})\s*$"
)
_RANGE = re.compile(
    r"0x([0-9a-f]{16}) - 0x([0-9a-f]{16}) size 0x([0-9a-f]{1,40}) type (\d{1,3})\s*$"
)
_DEFAULT = re.compile(r"MTRR: (WB|UC) selected as default type")
_BITS = re.compile(r".{0,60}CPU physical address size: (\d{1,3}) bits")
_KNOWN = re.compile(
    r"MTRR: (?:Physical address space|default type WB/UC|Added|.{0,40}MTRRs)|.{0,30}MTRR check|"
    r"(?:Fixed|Variable) MTRRs: |call enable_fixed_mtrr|.{0,30}setup mtrr"
)


class _Parser(LineParser):
    """Numbers the CPUs in the order in which their APIC ids appear."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._cpus: dict[str, int] = {}
        self._last_line = 0

    def take(self, line: str, number: int) -> bool:
        """Use a line about MTRRs."""
        text = line[:400]
        text = text[match.end() :] if (match := _LEVEL.match(text)) else text.strip()
        vcpu = None
        if match := _APIC.match(text):
            vcpu = self._cpus.setdefault(match[1], len(self._cpus))
            text = text[match.end() :]
        self._last_line = number
        return (
            self._fixed(text, vcpu, number)
            or self._pair(text, vcpu, number)
            or self._range(text, number)
            or self._told(text, number)
            or bool(_KNOWN.match(text))
        )

    def _fixed(self, text: str, vcpu: int | None, number: int) -> bool:
        match = _FIXED.match(text)
        if match is None:
            return False
        place = self.place(number)
        self.facts.add_register(vcpu, int(match[1], 16), int(match[2], 16), place)
        self.facts.tell(Told.FIXED_ENABLED, 1, place)
        return True

    def _pair(self, text: str, vcpu: int | None, number: int) -> bool:
        match = _PAIR.match(text)
        if match is None:
            return False
        msr, place = PHYSBASE0 + 2 * int(match[1]), self.place(number)
        self.facts.add_register(vcpu, msr, int(match[2], 16) | int(match[4]), place)
        self.facts.add_register(vcpu, msr + 1, int(match[3], 16) | VALID_BIT, place)
        return True

    def _range(self, text: str, number: int) -> bool:
        match = _RANGE.match(text)
        if match is None:
            return False
        start, size, code = int(match[1], 16), int(match[3], 16), int(match[4])
        if code in MTRR_TYPE_CODES and size:
            found = MtrrRange(None, start, size, MemoryType(code), self.place(number), is_map=True)
            self.facts.add_range(found)
        return True

    def _told(self, text: str, number: int) -> bool:
        if match := _DEFAULT.match(text):
            self.facts.tell(Told.DEFAULT_TYPE, MemoryType[match[1]], self.place(number))
            self.facts.tell(Told.MTRR_ENABLED, 1, self.place(number))
            return True
        if match := _BITS.match(text):
            self.facts.tell(Told.MAXPHYADDR, int(match[1]), self.place(number))
            return True
        return False

    def noise(self, line: str) -> str:
        """Return what coreboot's other lines are."""
        return "other lines of coreboot's console" if _LEVEL.match(line) else ""

    def finish(self) -> None:
        """Say which APIC id became which vCPU, if there are several."""
        if len(self._cpus) > 1:
            self.facts.tell(Told.VCPUS, len(self._cpus), self.place(self._last_line))
            names = ", ".join(f"{apic} is vCPU {vcpu}" for apic, vcpu in [*self._cpus.items()][:8])
            self.facts.note(
                Severity.INFO, f"APIC ids in order of appearance: {names}", self.place(0)
            )


FORMAT = LineFormat(
    "coreboot",
    "coreboot console log",
    re.compile(
        r"MTRR: Fixed MSR 0x|MTRR: \d+ base 0x|MTRR: default type WB/UC"
        r"|MTRR: Physical address space"
        r"|0x[0-9a-f]{16} - 0x[0-9a-f]{16} size 0x[0-9a-f]+ type \d"
    ),
    _Parser,
)
