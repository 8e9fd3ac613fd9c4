"""Memory types, the PAT's extra one, and how an EPT type and a PAT type combine."""

from __future__ import annotations

from enum import IntEnum


class MemoryType(IntEnum):
    """A memory type as MTRRs and EPT entries encode it (SDM vol. 3A 12.3, table 12-2)."""

    UC = 0
    WC = 1
    WT = 4
    WP = 5
    WB = 6

    @property
    def long_name(self) -> str:
        """Return the manual's name, e.g. "uncacheable"."""
        return _WORDS[self][0]

    @property
    def linux_name(self) -> str:
        """Return the word Linux prints in /proc/mtrr, e.g. "write-combining"."""
        return _WORDS[self][1]

    @property
    def meaning(self) -> str:
        """Return one line on what the processor may do with such memory."""
        return _WORDS[self][2]


class PatType(IntEnum):
    """A memory type as a PAT entry encodes it: an MTRR type or UC- (SDM vol. 3A 12.12.3)."""

    UC = 0
    WC = 1
    WT = 4
    WP = 5
    WB = 6
    UC_MINUS = 7

    @property
    def label(self) -> str:
        """Return the short name as the manual writes it: "UC-" rather than "UC_MINUS"."""
        return "UC-" if self is PatType.UC_MINUS else self.name

    @property
    def meaning(self) -> str:
        """Return one line on what the entry asks for."""
        if self is PatType.UC_MINUS:
            return "uncacheable, but an MTRR (or EPT type) of WC turns it into WC"
        return MemoryType(self).meaning


_WORDS: dict[MemoryType, tuple[str, str, str]] = {
    MemoryType.UC: (
        "uncacheable",
        "uncachable",
        "every access goes to the bus in program order; nothing is cached",
    ),
    MemoryType.WC: (
        "write combining",
        "write-combining",
        "not cached; writes gather in buffers and leave in bursts, weakly ordered",
    ),
    MemoryType.WT: (
        "write through",
        "write-through",
        "reads are cached; every write also goes to memory at once",
    ),
    MemoryType.WP: (
        "write protected",
        "write-protect",
        "reads are cached; writes go to memory and drop the cached line",
    ),
    MemoryType.WB: (
        "write back",
        "write-back",
        "reads and writes are cached; memory sees them on eviction (ordinary RAM)",
    ),
}

MEMORY_TYPES: tuple[MemoryType, ...] = (
    MemoryType.WB,
    MemoryType.WT,
    MemoryType.WP,
    MemoryType.WC,
    MemoryType.UC,
)
"""The five types in the order legends and tables show them: fastest first."""

MTRR_TYPE_CODES = frozenset(int(t) for t in MemoryType)
"""Codes KVM accepts in an MTRR; 2, 3 and 7 upwards are reserved."""

PAT_TYPE_CODES = frozenset(int(t) for t in PatType)
"""Codes KVM accepts in a PAT entry: the MTRR ones and UC-."""

# Columns: PAT = UC, UC-, WC, WT, WP, WB (SDM vol. 3A table 12-7, the EPT type in the MTRR column).
_PAT_ORDER = (PatType.UC, PatType.UC_MINUS, PatType.WC, PatType.WT, PatType.WP, PatType.WB)
_COMBINED = {
    MemoryType.UC: "UC UC WC UC UC UC",
    MemoryType.WC: "UC WC WC UC UC WC",
    MemoryType.WT: "UC UC WC WT WP WT",
    MemoryType.WP: "UC WC WC WT WP WP",
    MemoryType.WB: "UC UC WC WT WP WB",
}
_EFFECTIVE: dict[tuple[MemoryType, PatType], MemoryType] = {
    (ept, pat): MemoryType[name]
    for ept, row in _COMBINED.items()
    for pat, name in zip(_PAT_ORDER, row.split(), strict=True)
}


def effective_type(ept: MemoryType, ipat: bool | int, pat: PatType) -> MemoryType:
    """Return the type the processor uses for a page with this EPT leaf and guest PAT entry.

    With IPAT the EPT type stands alone; without, the two combine as an MTRR type and a PAT type do
    (SDM vol. 3C 29.3.7 and vol. 3A table 12-7).
    """
    return ept if ipat else _EFFECTIVE[ept, pat]
