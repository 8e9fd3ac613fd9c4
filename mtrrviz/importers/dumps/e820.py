"""Memory maps of the firmware (e820, EFI) in the logs of Linux, Xen and FreeBSD.

Every wording since Linux 2.2 (arch/x86/kernel/e820.c, arch/i386/kernel/setup.c, arch/x86/platform/
efi/efi.c; xen/arch/x86/e820.c; sys/x86/x86/machdep.c), /sys/firmware/memmap, and the kernel's
changes to its own copy, which are marked. `[mem a-b]` and `[a, b]` include b, `a - b` does not, and
`size @ start` has no end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.importers.facts import MemoryRange, MemoryUse, Sign, Told
from mtrrviz.importers.formats import Context, LineFormat, LineParser
from mtrrviz.importers.kernel.memory_words import EFI_USES, use_of

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts

_HEX = r"(?:0x)?([0-9a-fA-F]{1,20})"
_WORD = r"(usable|reserved|ACPI (?:data|NVS)|NVS|unusable|persistent|type \d{1,10}|[^()]{1,60})"
_WHO = (
    r"\s*(?P<who>(?:BIOS|EFI|Multiboot)-(?:e820|88|e801|provided)|Xen(?:-e820)?|modified"
    r"|user(?:-defined)?|reserve setup_data|extended|limit_regions .{0,20}): "
)
_MEM = rf"\[mem {_HEX}-{_HEX}\]"
_NEW = re.compile(rf"{_WHO}{_MEM}(?:\s{{1,9}}[\d.]{{1,9}}\s{{1,9}}[KMGTP]?B)?\s{{0,9}}(\S.*)")
_OLD = re.compile(rf"{_WHO}{_HEX} (-|@) {_HEX} \({_WORD}\)\s*$")
_XEN = re.compile(rf"\s*\[?([0-9a-f]{{16}})( - |, )([0-9a-f]{{16}})\]? \({_WORD}\)\s*$")
_UPDATE = re.compile(
    rf"\s*(?:e820: )?(?:e820 )?(?:update|remove)(?: range:)? (?:{_MEM}|{_HEX} - {_HEX})"
    r" \(?([^()=]{1,40}?)\)?\s*(?:==> \(?([^()]{1,40}?)\)?\s*)?$"
)
_EFI = re.compile(
    r"\s*(?:efi: )?(?:EFI: )?mem\d{1,4}: "
    r"(?:type=(\d{1,10}), attr=0x[0-9a-f]{1,16},|\[([^|\]]{1,40})[^\]]{0,60}\])"
    r"\s{1,4}range=\[0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})([\])])"
)
_EFI_NUMBER = re.compile(r"mem(\d{1,4}):")
_SHELL = re.compile(
    r"\s*(Available|BS_Code|BS_Data|LoaderCode|LoaderData|RT_Code|RT_Data|ACPI_Recl|ACPI_NVS|MMIO"
    r"|MMIO_Port|Reserved|PalCode|Persistent|Unusable|Unaccepted)\s{1,20}([0-9A-Fa-f]{16})-"
    r"([0-9A-Fa-f]{16})\s"
)
_FREEBSD = re.compile(r"\s*SMAP type=(\d{2,10}) base=([0-9a-f]{16}) len=([0-9a-f]{16})")
_SYSFS = re.compile(
    r"\s*(?:\S{0,80}firmware/memmap/)?(\d{1,4})/(start|end|type)\s{0,4}:\s{0,4}(\S.*)"
)
_HEADING = re.compile(
    r"\s*(?:e820: )?(?:BIOS-provided|modified|user-defined|extended|reserve setup_data|Xen-e820"
    r"|EFI|Multiboot-e820|Dom0|user)(?: physical)? RAM map:?"
    r"|\s*BIOS-e820: \[gap|\s*e820: reserve RAM buffer"
)
KEY = re.compile(
    r"820|BIOS-|Xen|modified|user|reserve |mem\d|memmap|SMAP|^\s*\d+/|usable|reserved|RAM map"
    r"|ACPI|NVS|^\s*(?:[A-Z]{2}_|Avail|Loader|MMIO|Reser|Pal|Persis|Unus|Unacc)"
)
"""What each line of a memory map has somewhere."""
_FREEBSD_USES = {1: "usable", 2: "reserved", 3: "ACPI data", 4: "ACPI NVS", 5: "unusable"}


class E820Parser(LineParser):
    """Reads the entries of maps, one a line; those of sysfs are three lines each."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._sysfs: dict[str, dict[str, str]] = {}
        self._is_xen = False
        self._next_efi = 0

    def take(self, line: str, number: int) -> bool:
        """Use a line of a memory map."""
        text = line[:300]
        if not KEY.search(text):
            return False
        return (
            self._entry(text, number)
            or self._change(text, number)
            or self._efi(text, number)
            or self._other(text, number)
            or bool(_HEADING.match(text))
        )

    def _entry(self, text: str, number: int) -> bool:
        """Use an entry as Linux and Xen print e820."""
        if match := _NEW.match(text):
            self._note_xen(match["who"], match[4], number)
            self._add(match[2], int(match[3], 16) + 1, match[4], number, _source(match["who"]))
        elif match := _OLD.match(text):
            first, second = int(match[2], 16), int(match[4], 16)
            start, end = (first, second) if match[3] == "-" else (second, first + second)
            self._add(f"{start:x}", end, match[5], number, _source(match["who"]))
        elif match := _XEN.match(text):
            last = 1 if match[2] == ", " else 0
            self._add(match[1], int(match[3], 16) + last, match[4], number)
        else:
            return False
        return True

    def _note_xen(self, who: str, words: str, number: int) -> None:
        """Tell once that a map with more than RAM, from Xen, is that of a real machine."""
        if who.startswith("Xen") and not self._is_xen and use_of(words) is not MemoryUse.RAM:
            self._is_xen = True
            reason = "Xen hands on the firmware's memory map"
            self.facts.add_sign(Sign.HOST, reason, self.place(number))

    def _change(self, text: str, number: int) -> bool:
        """Use a change that the kernel makes to its own copy; a removal has no new word."""
        match = _UPDATE.match(text)
        if match is None:
            return False
        start, end = match[1] or match[3], int(match[2] or match[4], 16) + bool(match[2])
        self._add(start, end, (match[6] or "removed").strip(), number, "e820-kernel")
        return True

    def _efi(self, text: str, number: int) -> bool:
        """Use an entry of EFI's map, by Linux or by the UEFI shell."""
        if match := _EFI.match(text):
            end = int(match[4], 16) + (match[5] == "]")
            kind = int(match[1]) if match[1] else -1
            use = EFI_USES[kind] if 0 <= kind < len(EFI_USES) else None
            name = (match[2] or f"EFI type {kind}").strip()
            self._add(match[3], end, name, number, "efi", use or use_of(name))
            self._count_efi(text, number)
        elif match := _SHELL.match(text):
            self._add(match[2], int(match[3], 16) + 1, match[1], number, "efi")
        else:
            return False
        return True

    def _count_efi(self, text: str, number: int) -> None:
        """Tell where numbers of EFI's map are left out."""
        row = int(_EFI_NUMBER.findall(text)[0])
        if row > self._next_efi:
            lost = (self.facts.value(Told.LOST_MAP_LINES) or 0) + row - self._next_efi
            self.facts.tell(Told.LOST_MAP_LINES, lost, self.place(number))
        self._next_efi = row + 1

    def _other(self, text: str, number: int) -> bool:
        """Use an entry of FreeBSD or of /sys/firmware/memmap."""
        if match := _FREEBSD.match(text):
            start, kind = int(match[2], 16), int(match[1])
            word = _FREEBSD_USES.get(kind, f"type {kind}")
            self._add(match[2], start + int(match[3], 16), word, number)
        elif match := _SYSFS.match(text):
            entry = self._sysfs.setdefault(match[1], {})
            entry[match[2]] = match[3].strip()
            if len(entry) == 3 and _is_hex(entry["start"]) and _is_hex(entry["end"]):
                end = int(entry["end"], 16) + 1
                self._add(entry["start"], end, entry["type"], number, "memmap")
                del self._sysfs[match[1]]
        else:
            return False
        return True

    def _add(
        self,
        start: str,
        end: int,
        name: str,
        number: int,
        source: str = "e820",
        use: MemoryUse | None = None,
    ) -> None:
        """Record a range; an empty one, which some maps have, is none."""
        word, first, place = name.strip(), int(start, 16), self.place(number)
        if first != end:
            found = MemoryRange(first, end, word, source, 0, place, use=use or use_of(word))
            self.facts.add_memory(found)


def _source(who: str) -> str:
    """Return whose map it is: the firmware's, or the kernel's copy of it."""
    return "e820" if who.startswith(("BIOS", "EFI", "Multiboot", "Xen")) else "e820-kernel"


def _is_hex(text: str) -> bool:
    return bool(re.fullmatch(r"(?:0x)?[0-9a-f]{1,20}", text))


FORMAT = LineFormat(
    "e820",
    "memory map of the firmware (e820, EFI) in a log",
    re.compile(
        r"(?:BIOS-e820|BIOS-88|BIOS-e801|Xen): (?:\[mem |[0-9a-f]+ [-@] )"
        r"|\] ?\((?:usable|reserved)\)"
        r"|[0-9a-f]{16} - [0-9a-f]{16} \((?:usable|reserved)\)|mem\d+: .*range=\[0x|SMAP type="
        r"|firmware/memmap/\d+/|^\s*(?:Available|BS_Data)\s+[0-9A-F]{16}-"
    ),
    E820Parser,
)
