"""What the words of memory maps mean."""

from __future__ import annotations

import re

from mtrrviz.importers.facts import MemoryUse

_USES = (
    (r"usable|system ram|ram$|available|conventional|loader|boot (?:code|data)|bs_", MemoryUse.RAM),
    (r"ramstage|configuration tables|kernel", MemoryUse.RESERVED),
    (r"acpi|nvs", MemoryUse.ACPI),
    (r"unusable|bad", MemoryUse.UNUSABLE),
    (r"persistent|pmem", MemoryUse.PERSISTENT),
    (r"mmio|memory mapped", MemoryUse.DEVICE),
    (r"", MemoryUse.RESERVED),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), use) for pattern, use in _USES)

EFI_USES: tuple[MemoryUse, ...] = (
    MemoryUse.RESERVED, MemoryUse.RAM, MemoryUse.RAM, MemoryUse.RAM, MemoryUse.RAM,
    MemoryUse.RESERVED, MemoryUse.RESERVED, MemoryUse.RAM, MemoryUse.UNUSABLE, MemoryUse.ACPI,
    MemoryUse.ACPI, MemoryUse.DEVICE, MemoryUse.DEVICE, MemoryUse.RESERVED, MemoryUse.PERSISTENT,
    MemoryUse.RAM,
)  # fmt: skip
"""Uses by the number of EFI's memory type (UEFI specification, 7.2)."""


def use_of(words: str) -> MemoryUse:
    """Return what a memory map's words mean; what is not known is reserved."""
    return next(use for pattern, use in _PATTERNS if pattern.match(words.strip()))
