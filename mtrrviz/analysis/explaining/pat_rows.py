"""The table of the PAT: what each entry makes of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.pat_table import note_words
from mtrrviz.facts.tables.column import Column, each
from mtrrviz.facts.tables.fact_rows import FactRows
from mtrrviz.facts.terms import GUEST_TERMS, HOST_TERMS

if TYPE_CHECKING:
    from mtrrviz.analysis.explaining.pat_table import Effective, PatRow, PatTable
    from mtrrviz.facts.tables.column import Value

_SHORT_NOTES = {1: "by EPT (1)", 2: "by PAT (2)", 3: "(3)"}
_IN_SENTENCES = {"entry": "entry", "is": "with the mapped leaf", "next": "after the next fault"}


def _type_name(effective: Effective | None) -> str | None:
    return None if effective is None else effective.type.name


_COLUMNS: tuple[Column[PatRows], ...] = (
    Column("entry", "PAT",
           "entry of the PAT; bits PAT, PCD and PWT of its page tables choose one",
           lambda _rows, part: [f"PA{row}" for row in range(part.start, part.stop)]),
    Column("says", "says", "memory type in that entry",
           each(lambda rows, row: rows.entries[row].pat.label)),
    Column("page_is", "page is",
           "what the processor makes of it together with the {source}",
           each(lambda rows, row: rows.page_is(row))),
    Column("is", "is", "what the processor makes of it together with the leaf that is mapped",
           each(lambda rows, row: _type_name(rows.effective(row, "is")))),
    Column("next", "next", "the same for the leaf that the next fault would make",
           each(lambda rows, row: _type_name(rows.effective(row, "next")))),
    Column("note", "note", "how it comes about (SDM vol. 3A table 12-7)",
           each(lambda rows, row: rows.short_notes(row))),
)  # fmt: skip


class PatRows(FactRows):
    """Eight rows, an entry each.

    For a stale leaf both the mapped leaf and the next fault's are shown.
    """

    name = "PAT"
    columns = _COLUMNS
    names = GUEST_TERMS.names
    shown = ("entry", "says", "page_is", "note")

    def __init__(self, table: PatTable) -> None:
        self.table = table
        self.entries: tuple[PatRow, ...] = table.rows
        self.names = (HOST_TERMS if table.is_host else GUEST_TERMS).names
        if self.is_stale:
            self.shown = ("entry", "says", "is", "next", "note")

    @property
    def is_stale(self) -> bool:
        """Whether the mapped leaf and the next fault's differ."""
        mapped, next_fault = self.table.mapped, self.table.next_fault
        return mapped is not None and next_fault is not None and mapped != next_fault

    @property
    def about(self) -> dict[str, Value]:
        """The vCPU whose PAT it is."""
        return {"vcpu": self.table.vcpu}

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.entries)

    def shows_same(self, other: FactRows) -> bool:
        """Whether the PAT and both leaves are the same."""
        return isinstance(other, PatRows) and self.table == other.table

    def effective(self, row: int, key: str) -> Effective | None:
        """Return what the page is (by a column's key), None where that column says nothing."""
        entry = self.entries[row]
        return entry.next_fault if key == "next" else entry.mapped or entry.next_fault

    def page_is(self, row: int) -> str | None:
        """Return the type in effect in words, None where nothing says."""
        mtrr = self.entries[row].mtrr
        return _type_name(self.effective(row, "page_is")) if mtrr is None else mtrr.label

    def type_code(self, row: int, key: str) -> int | None:
        """Return the code of the type that a cell names, None if it names none."""
        if key == "says":
            return int(self.entries[row].pat)
        mtrr = self.entries[row].mtrr
        if key == "page_is" and mtrr is not None:
            return mtrr.memory_type
        found = self.effective(row, key) if key in ("is", "next", "page_is") else None
        return None if found is None else int(found.type)

    def notes(self, row: int) -> tuple[int, ...]:
        """Return the notes on what the page is, or without any, on what it would be."""
        entry = self.entries[row]
        cells = (entry.mapped or entry.next_fault, entry.next_fault)
        return next((cell.notes for cell in cells if cell is not None and cell.notes), ())

    def short_notes(self, row: int) -> str:
        """Return the notes in a few letters; beside two types there is only room for numbers."""
        notes = self.notes(row)
        return ", ".join(f"({n})" if self.is_stale else _SHORT_NOTES[n] for n in notes)

    def sentences(self, row: int) -> str:
        """Return a row in sentences."""
        entry = self.entries[row]
        shown = (
            f"{_IN_SENTENCES.get(key, self.title(key))} {words}"
            for key in self.shown
            if (words := self.text(row, key))
        )
        notes = [note_words(note) for note in self.notes(row)]
        chosen = f"chosen by {entry.bits}; {entry.pat.meaning}"
        return "\n".join([", ".join(shown), chosen, *notes])
