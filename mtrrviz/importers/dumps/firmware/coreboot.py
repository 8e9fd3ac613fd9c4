"""coreboot's console: the MTRRs it programs (src/cpu/x86/mtrr/mtrr.c), with or without levels.

Lines with an apic_id belong to that CPU. The counts and the address map are explanations.
"""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MTRR_TYPE_CODES, MemoryType
from mtrrviz.core.msr.registers import PHYSBASE0, VALID_BIT
from mtrrviz.core.units import FOUR_GIB
from mtrrviz.importers.facts import Facts, MemoryRange, MtrrRange, Sign, Told
from mtrrviz.importers.formats import Context, LineFormat, LineParser
from mtrrviz.importers.kernel.memory_words import use_of
from mtrrviz.importers.notes import NoteKind

_LEVEL = re.compile(r"\s*\[(?:EMERG|ALERT|CRIT|ERROR|WARN|NOTE|INFO|DEBUG|SPEW) *\] {0,2}")
_APIC = re.compile(r"(?:apic_id (0x[0-9a-f]{1,8})(?::| setup) ?)")
_FIXED = re.compile(r"MTRR: Fixed MSR 0x([0-9a-f]{1,8}) 0x([0-9a-f]{1,40})\s*$")
_PAIR = re.compile(
    r"MTRR: (\d{1,3}) base 0x([0-9a-f]{1,40}) mask 0x([0-9a-f]{1,40}) type (\d{1,3})\s*$"
)
_CUT_PAIR = re.compile(r"MTRR: (\d{1,3}) (?:b|ba|bas|base.{0,120})$")
_RANGE = re.compile(
    r"0x([0-9a-f]{16}) - 0x([0-9a-f]{16}) size 0x([0-9a-f]{1,40}) type (\d{1,3})\s*$"
)
_DEFAULT = re.compile(r"MTRR: (WB|UC) selected as default type")
_BITS = re.compile(r".{0,60}CPU physical address size: (\d{1,3}) bits")
_TEMPORARY = re.compile(r"MTRR: TEMPORARY Physical address space")
_LASTING = re.compile(r"MTRR: Physical address space")
_CHECK = re.compile(r"(Fixed|Variable) MTRRs *: (En|Dis)abled")
_TABLE = re.compile(
    r"\d{1,3}\. ([0-9a-f]{16})-([0-9a-f]{16}): "
    r"(RAM|RESERVED|ACPI|NVS|UNUSABLE|VENDOR RESERVED|CONFIGURATION TABLES|[A-Z][A-Z ]{2,30})\s*$"
)
_KNOWN = re.compile(
    r"MTRR: (?:Physical address space|default type WB/UC|Added|.{0,40}MTRRs)|.{0,30}MTRR check"
    r"|call enable_fixed_mtrr|.{0,30}setup mtrr|.{0,30}coreboot (?:memory )?table"
)


class CorebootParser(LineParser):
    """Numbers the CPUs in the order in which their APIC ids appear."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._cpus: dict[str, int] = {}
        self._last_line = 0
        self._is_temporary = False
        self._is_named = False

    def take(self, line: str, number: int) -> bool:
        """Use a line about MTRRs."""
        text = line[:400]
        text = text[match.end() :] if (match := _LEVEL.match(text)) else text.strip()
        vcpu = None
        if match := _APIC.match(text):
            vcpu = self._cpus.setdefault(match[1], len(self._cpus))
            text = text[match.end() :]
        self._last_line = number
        if self._is_of_temporary(text):
            return True
        found = (
            self._fixed(text, vcpu, number)
            or self._pair(text, vcpu, number)
            or self._range(text, number)
            or self._told(text, number)
            or self._memory(text, number)
            or bool(_KNOWN.match(text))
        )
        if found and not self._is_named:
            self._is_named = True
            self.facts.add_sign(Sign.FIRMWARE, "coreboot's console", self.place(number))
        return found

    def _is_of_temporary(self, text: str) -> bool:
        """Return whether a line is of the solution that coreboot takes back before the payload.

        remove_temp_solution puts back the one before, and prints nothing.
        """
        if _TEMPORARY.match(text):
            self._is_temporary = True
            return True
        if _LASTING.match(text):
            self._is_temporary = False
        words = (_PAIR, _CUT_PAIR, _RANGE, _DEFAULT)
        return self._is_temporary and any(pattern.match(text) for pattern in words)

    def _memory(self, text: str, number: int) -> bool:
        """Use an entry of the table that the payload gets."""
        match = _TABLE.match(text)
        if match is None:
            return False
        start, last, name = int(match[1], 16), int(match[2], 16), match[3]
        place, use = self.place(number), use_of(name)
        self.facts.add_memory(MemoryRange(start, last + 1, name, "coreboot", 0, place, use=use))
        return True

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
            match = _CUT_PAIR.match(text)
            if match:
                self.facts.add_cut_pair(int(match[1]), self.place(number))
            return match is not None
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
            self._note_cached(found)
        return True

    def _note_cached(self, found: MtrrRange) -> None:
        """Keep where cached memory ends: coreboot makes nothing WB but RAM."""
        end = found.base + found.size
        what = Told.CACHED_LOW_END if end <= FOUR_GIB else Told.CACHED_HIGH_END
        if found.type is MemoryType.WB and end > (self.facts.value(what) or 0):
            self.facts.tell(what, end, found.place)

    def _told(self, text: str, number: int) -> bool:
        if match := _DEFAULT.match(text):
            self.facts.tell(Told.DEFAULT_TYPE, MemoryType[match[1]], self.place(number))
            self.facts.tell(Told.MTRR_ENABLED, 1, self.place(number))
            return True
        if match := _BITS.match(text):
            self.facts.tell(Told.MAXPHYADDR, int(match[1]), self.place(number))
            return True
        if match := _CHECK.match(text):
            what = Told.FIXED_ENABLED if match[1] == "Fixed" else Told.MTRR_ENABLED
            self.facts.tell(what, int(match[2] == "En"), self.place(number))
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
                NoteKind.INFO, f"APIC ids in order of appearance: {names}", self.place(0)
            )


FORMAT = LineFormat(
    "coreboot",
    "coreboot console log",
    re.compile(
        r"MTRR: Fixed MSR 0x|MTRR: \d+ base 0x|MTRR: default type WB/UC"
        r"|MTRR: (?:TEMPORARY )?Physical address space|^\s*\d+\. [0-9a-f]{16}-[0-9a-f]{16}: [A-Z]"
        r"|0x[0-9a-f]{16} - 0x[0-9a-f]{16} size 0x[0-9a-f]+ type \d"
    ),
    CorebootParser,
)
