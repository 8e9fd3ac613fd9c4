"""From EPT or MTRR type to effective type: what each entry of the PAT makes of it."""

from __future__ import annotations

from mtrrviz.core.memtype import (
    COMBINATION_NOTES,
    MemoryType,
    PatType,
    combination_notes,
    effective_type,
)
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType, with_pat
from mtrrviz.core.units import format_gpa

LINUX_PAT = 0x0407_0506_0007_0106
"""The PAT as Linux sets it (arch/x86/mm/pat/memtype.c), for machines whose PAT nobody told."""
PAT_ENTRIES = 8
"""Entries of the PAT; a page-table entry's PAT, PCD and PWT bits choose one."""


class Effective(Record):
    """The type the processor uses, and the notes of the SDM's table on how it came about."""

    type: MemoryType
    notes: tuple[int, ...]


class PatRow(Record):
    """What one PAT entry makes of the mapped leaf and of the next fault's; None without such.

    ``mtrr`` is what it makes of the MTRRs' type where there can be no leaf.
    """

    index: int
    pat: PatType
    mapped: Effective | None
    next_fault: Effective | None
    mtrr: HostType | None = None

    @property
    def bits(self) -> str:
        """Return how a page-table entry chooses this entry, e.g. "PAT 0, PCD 1, PWT 0"."""
        return f"PAT {self.index >> 2 & 1}, PCD {self.index >> 1 & 1}, PWT {self.index & 1}"


class PatTable(Record):
    """The guest's PAT of one vCPU (``value``) and its eight entries, PA0 first.

    ``mapped`` and ``next_fault`` are the EPT type and IPAT that they meet, None without a leaf.
    ``mtrr`` is the MTRRs' type where there can be no leaf, as on a real machine (``is_host``).
    Without ``is_told`` the PAT is not known, and ``value`` is Linux's.
    """

    vcpu: int
    value: int
    mapped: tuple[MemoryType, int] | None
    next_fault: tuple[MemoryType, int] | None
    mtrr: HostType | None = None
    is_told: bool = True
    is_host: bool = False

    @property
    def rows(self) -> tuple[PatRow, ...]:
        """The eight entries."""
        codes = self.value.to_bytes(PAT_ENTRIES, "little")
        return tuple(self._row(index, PatType(code)) for index, code in enumerate(codes))

    def _row(self, index: int, pat: PatType) -> PatRow:
        mtrr = None if self.mtrr is None else with_pat(self.mtrr, pat)
        leaves = _effective(self.mapped, pat), _effective(self.next_fault, pat)
        return PatRow(index, pat, *leaves, mtrr)

    @property
    def words(self) -> str:
        """Whose PAT it is, its value, and whether that is known."""
        whose = f"PAT of CPU {self.vcpu}" if self.is_host else f"guest PAT of vCPU {self.vcpu}"
        if self.is_told:
            return f"{whose} = {format_gpa(self.value)}"
        would = "rdmsr 0x277 or Linux's line 'x86/PAT: Configuration' would show it"
        return f"{whose} is not known ({would}); as Linux sets it, {format_gpa(self.value)}"

    @property
    def notes(self) -> tuple[int, ...]:
        """The numbers of the notes that the rows refer to, ascending."""
        cells = (cell for row in self.rows for cell in (row.mapped, row.next_fault) if cell)
        return tuple(sorted({note for cell in cells for note in cell.notes}))

    @property
    def is_ignored(self) -> bool:
        """Whether IPAT makes the PAT ignored in the mapped leaf and in the next one."""
        leaves = [leaf for leaf in (self.mapped, self.next_fault) if leaf]
        return bool(leaves) and all(ipat for _, ipat in leaves)


def _effective(leaf: tuple[MemoryType, int] | None, pat: PatType) -> Effective | None:
    if leaf is None:
        return None
    return Effective(effective_type(*leaf, pat), combination_notes(*leaf, pat))


def note_words(number: int) -> str:
    """Return a note of the SDM's table in words."""
    return COMBINATION_NOTES[number]
