"""Growing tables: rows are appended in batches, columns are numpy arrays throughout."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtrrviz.sim.tables import ALIVE, LeafTable, ZapTable


class GrowingLeaves:
    """The leaf table while it is being made; capacity doubles as it fills."""

    _DTYPES = {
        "first_gfn": np.uint64,
        "level": np.uint8,
        "bits": np.uint8,
        "vcpu": np.uint8,
        "access": np.uint8,
        "refault": np.bool_,
        "born_ns": np.int64,
        "died_ns": np.int64,
        "zap": np.int32,
    }

    def __init__(self, table: LeafTable | None = None) -> None:
        self.count = 0 if table is None else len(table)
        capacity = max(1024, 2 * self.count)
        self._columns: dict[str, NDArray[Any]] = {}
        for name, dtype in self._DTYPES.items():
            column = np.empty(capacity, dtype)
            if table is not None:
                column[: self.count] = getattr(table, name)
            self._columns[name] = column
        self.died_ns: NDArray[np.int64] = self._columns["died_ns"]
        self.zap: NDArray[np.int32] = self._columns["zap"]

    def column(self, name: str) -> NDArray[Any]:
        """Return the filled part of a column."""
        return self._columns[name][: self.count]

    def append(self, rows: int, **values: NDArray[Any]) -> int:
        """Append living leaves and return the row of the first of them."""
        start, end = self.count, self.count + rows
        if end > len(self.died_ns):
            self._grow(end)
        for name, value in values.items():
            self._columns[name][start:end] = value
        self.died_ns[start:end] = ALIVE
        self.zap[start:end] = -1
        self.count = end
        return start

    def _grow(self, needed: int) -> None:
        capacity = max(needed, 2 * len(self.died_ns))
        for name, column in self._columns.items():
            grown = np.empty(capacity, column.dtype)
            grown[: self.count] = column[: self.count]
            self._columns[name] = grown
        self.died_ns, self.zap = self._columns["died_ns"], self._columns["zap"]

    def table(self) -> LeafTable:
        """Return the finished table, sharing memory with this one."""
        return LeafTable(**{name: self.column(name) for name in self._DTYPES})


ZapRow = tuple[int, int, int, int, int, int, int]
"""time_ns, vcpu, event, cause, start_gfn, end_gfn, leaves_dropped."""


def zap_table(
    rows: list[ZapRow], rivals: NDArray[np.int16], cycles: NDArray[np.float64]
) -> ZapTable:
    """Return the zap table of ``rows`` with what the cost model says of each."""
    time_ns, vcpu, event, cause, start, end, dropped = zip(*rows, strict=True) if rows else [()] * 7
    return ZapTable(
        np.array(time_ns, np.int64),
        np.array(vcpu, np.int16),
        np.array(event, np.int32),
        np.array(cause, np.uint8),
        np.array(start, np.uint64),
        np.array(end, np.uint64),
        np.array(dropped, np.int32),
        rivals,
        cycles,
    )
