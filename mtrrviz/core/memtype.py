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
        """Return the SDM's name, e.g. "uncacheable"."""
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
        """Return the short name as the SDM writes it: "UC-" rather than "UC_MINUS"."""
        return "UC-" if self is PatType.UC_MINUS else self.name

    @property
    def meaning(self) -> str:
        """Return one line on what the entry asks for."""
        if self is PatType.UC_MINUS:
            return "uncacheable, but combined with WC it is WC"
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

# Columns: PAT = UC, UC-, WC, WT, WP, WB; digits are the table's notes (SDM vol. 3A table 12-7, the
# EPT type in the MTRR column).
_PAT_ORDER = (PatType.UC, PatType.UC_MINUS, PatType.WC, PatType.WT, PatType.WP, PatType.WB)
_COMBINED = {
    MemoryType.UC: "UC1 UC1 WC UC1 UC1 UC1",
    MemoryType.WC: "UC2 WC WC UC23 UC23 WC",
    MemoryType.WT: "UC2 UC2 WC WT WP3 WT",
    MemoryType.WP: "UC2 WC3 WC WT3 WP WP",
    MemoryType.WB: "UC2 UC2 WC WT WP WB",
}
_EFFECTIVE: dict[tuple[MemoryType, PatType], tuple[MemoryType, tuple[int, ...]]] = {
    (ept, pat): (MemoryType[cell[:2]], tuple(map(int, cell[2:])))
    for ept, row in _COMBINED.items()
    for pat, cell in zip(_PAT_ORDER, row.split(), strict=True)
}

COMBINATION_NOTES = {
    1: "UC comes from the EPT: the processor need not look into caches, nothing can be in them",
    2: "UC comes from the PAT: the processor looks into caches, since another mapping (an alias)"
    " of the page may have put it there; aliasing is not recommended",
    3: "older manuals call this combination undefined; processors with MTRRs and PAT do this",
}
"""What the notes of SDM vol. 3A table 12-7 say, the MTRR's part played by the EPT."""


def effective_type(ept: MemoryType, ipat: bool | int, pat: PatType) -> MemoryType:
    """Return the type the processor uses for a page with this EPT leaf and guest PAT entry.

    With IPAT the EPT type stands alone; without, the two combine as an MTRR type and a PAT type do
    (SDM vol. 3C 29.3.7 and vol. 3A table 12-7).
    """
    return ept if ipat else _EFFECTIVE[ept, pat][0]


def combination_notes(ept: MemoryType, ipat: bool | int, pat: PatType) -> tuple[int, ...]:
    """Return the numbers of the notes (see ``COMBINATION_NOTES``) on such a combination."""
    return () if ipat else _EFFECTIVE[ept, pat][1]
