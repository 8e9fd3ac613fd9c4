"""Columns that grow line by line, so that millions of lines do not become millions of objects."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

MAX_ROWS = 2_000_000
"""Most rows of one table; what comes after is counted, not kept."""

MAX_WRITES = 990_000
"""Most register accesses kept: a scenario file takes a million events, and the start needs some."""


class Table:
    """Named columns of 64-bit numbers of equal length, bounded.

    Unsigned columns hold 0 to 2^64-1, signed ones times in nanoseconds and small numbers.
    """

    signed: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()

    def __init__(self, limit: int = MAX_ROWS) -> None:
        self._limit = limit
        self._columns = {name: array("q") for name in self.signed}
        self._columns |= {name: array("Q") for name in self.unsigned}
        self._pending: list[tuple[int, ...]] = []
        #: Appends a row, signed columns first; :meth:`flush` checks and keeps it.
        self.add = self._pending.append
        self.dropped = 0

    def __len__(self) -> int:
        """Return the number of rows kept."""
        return len(self._columns["line"])

    def flush(self) -> None:
        """Move the rows added into the columns, up to the limit; what is beyond is counted.

        OverflowError, with the row's line number, if a number does not fit its column.
        """
        if not self._pending:
            return
        room = self._limit - len(self)
        rows = self._pending[:room]
        self.dropped += len(self._pending) - len(rows)
        self._pending.clear()
        if rows:
            self._extend(zip(*rows, strict=True))

    def add_columns(self, columns: Sequence[Sequence[int]]) -> None:
        """Keep rows that are columns already, signed ones first; else as :meth:`flush`."""
        self.flush()
        room, rows = self._limit - len(self), len(columns[0])
        self.dropped += max(0, rows - room)
        self._extend(columns if rows <= room else [column[:room] for column in columns])

    def _extend(self, columns: Iterable[Sequence[int]]) -> None:
        kept, columns = len(self), tuple(columns)
        try:
            for column, numbers in zip(self._columns.values(), columns, strict=True):
                column.extend(numbers)
        except OverflowError:
            for column in self._columns.values():
                del column[kept:]
            raise OverflowError(self._line_of_bad(zip(*columns, strict=True))) from None

    def _line_of_bad(self, rows: Iterable[tuple[int, ...]]) -> int:
        """Return the line of the first row that does not fit."""
        signed, line = len(self.signed), self.signed.index("line")
        for row in rows:
            is_good = all(-(1 << 63) <= n < 1 << 63 for n in row[:signed])
            if not (is_good and all(0 <= n < 1 << 64 for n in row[signed:])):
                return row[line]
        return 0

    def clear(self) -> None:
        """Forget all rows."""
        self.keep(0)

    def keep(self, rows: int) -> None:
        """Forget all but the first ``rows`` rows."""
        for column in self._columns.values():
            del column[rows:]

    def times_from(self, row: int) -> NDArray[np.int64]:
        """Return the times of the rows from ``row`` on, in nanoseconds."""
        return np.array(self._columns["time_ns"][row:], np.int64)

    def signed_column(self, name: str) -> NDArray[np.int64]:
        """Return a copy of a signed column."""
        return np.array(self._columns[name], np.int64)

    def unsigned_column(self, name: str) -> NDArray[np.uint64]:
        """Return a copy of an unsigned column."""
        return np.array(self._columns[name], np.uint64)


class Accesses(Table):
    """Register accesses of guests: ``kind`` 0 write, 1 refused write (#GP), 2 read.

    ``msr`` is the register's number, -1 for CR0.
    """

    signed = ("time_ns", "thread", "msr", "kind", "line")
    unsigned = ("value",)


class EntryChanges(Table):
    """EPT entries that changed (kvm_tdp_mmu_spte_changed), or were made (kvm_mmu_set_spte).

    ``old`` is 0 where the event does not tell it.
    """

    signed = ("time_ns", "thread", "level", "line")
    unsigned = ("gfn", "old", "new")


class TracedFaults(Table):
    """Page faults that KVM took (kvm_page_fault)."""

    signed = ("time_ns", "thread", "line")
    unsigned = ("gpa", "code")


WRITE, REFUSED, READ = 0, 1, 2
"""Values of :attr:`Accesses.kind`."""


class Trace:
    """All that one trace file told, by host thread; times are the trace's own clock."""

    def __init__(self, file: str, limit: int = MAX_ROWS) -> None:
        self.file = file
        self.accesses = Accesses(min(limit, MAX_WRITES))
        self.entries = EntryChanges(limit)
        #: Entries made; the same ones as in ``entries`` if both events were traced.
        self.entries_set = EntryChanges(limit)
        self.faults = TracedFaults(limit)
        #: Names of the threads by index, as printed.
        self.threads: list[str] = []
        #: vCPU number that a thread's own events told, by thread index.
        self.told_vcpu: dict[int, int] = {}
        #: Set when exits have names that only AMD's KVM uses: then entries are no EPT entries.
        self.is_amd = False

    def tables(self) -> tuple[Table, ...]:
        """Return the tables, for totals."""
        return self.accesses, self.entries, self.entries_set, self.faults
