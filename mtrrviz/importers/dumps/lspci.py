"""`lspci -v`: the memory of devices and the windows of bridges."""

from __future__ import annotations

import re

from mtrrviz.importers.facts import Facts, MemoryRange, MemoryUse
from mtrrviz.importers.formats import Context, LineFormat, LineParser

_DEVICE = re.compile(
    r"((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) (\S.{2,120}?)(?: \(rev [0-9a-f]{2}\).*)?$"
)
_MEMORY = re.compile(
    r"\s*(?:Region \d: )?(?:Memory|Expansion ROM) at ([0-9a-f]{4,16}) .{0,80}?"
    r"\[size=(\d{1,6})([KMGT]?)\]"
)
_WINDOW = re.compile(
    r"\s*(?:Memory|Prefetchable memory) behind bridge: (?:0x)?([0-9a-f]{4,16})-"
    r"(?:0x)?([0-9a-f]{4,16})"
)
_OTHER = re.compile(
    r"\s*(?:Region \d: )?(?:\[virtual\] )?(?:Memory|Expansion ROM|I/O ports?|Prefetchable|I/O)"
    r" (?:at|behind)|\s{1,8}(?:Subsystem|Flags|Capabilities|Kernel (?:driver in use|modules)|Bus"
    r"|Control"
    r"|Status|Latency|Interrupt|DeviceName|NUMA|IOMMU|Physical Slot):"
)
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


class LspciParser(LineParser):
    """Keeps the device whose memory is being listed."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._device = ""

    def take(self, line: str, number: int) -> bool:
        """Use a device's name, its memory or a bridge's window."""
        text = line[:300]
        if match := _DEVICE.match(text):
            self._device = f"{match[1]} {match[2]}"
        elif match := _MEMORY.match(text):
            start = int(match[1], 16)
            self._add(start, start + (int(match[2]) << _UNITS[match[3]]), number)
        elif match := _WINDOW.match(text):
            self._add(int(match[1], 16), int(match[2], 16) + 1, number)
        else:
            return bool(self._device) and bool(_OTHER.match(text))
        return True

    def _add(self, start: int, end: int, number: int) -> None:
        """Record a range; a window that is closed ends before it starts."""
        if 0 < start < end:
            name = (self._device or "PCI device")[:80]
            use, place = MemoryUse.DEVICE, self.place(number)
            self.facts.add_memory(MemoryRange(start, end, name, "lspci", 0, place, use=use))


FORMAT = LineFormat(
    "lspci",
    "lspci -v",
    re.compile(
        r"^\s*(?:Region \d: )?Memory at [0-9a-f]{4,16} .*\[size=|Memory behind bridge: [0-9a-f]{4}"
    ),
    LspciParser,
)
