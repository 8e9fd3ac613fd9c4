"""The leaf table while a run is made: rows are appended in batches to columns of numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.sim.tables import ALIVE, LeafTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DTYPES: dict[str, type[np.generic]] = {
    "first_gfn": np.uint64,
    "level": np.uint8,
    "bits": np.uint8,
    "vcpu": np.uint8,
    "access": np.uint8,
    "refault": np.bool_,
    "born_ns": np.int64,
    "died_ns": np.int64,
    "zap": np.int32,
    "touch": np.int32,
}


class GrowingLeaves:
    """The leaf table while it is being made.

    There is room from the start for as many leaves as there are touches, since only a touch makes
    a leaf; the system provides memory only for the part that is used.
    """

    def __init__(self, touches: int, table: LeafTable | None = None) -> None:
        self.count = 0 if table is None else len(table)
        room = max(touches, self.count)
        self._columns: dict[str, NDArray[Any]] = {
            name: np.empty(room, dtype) for name, dtype in _DTYPES.items()
        }
        if table is not None:
            for name, column in self._columns.items():
                column[: self.count] = getattr(table, name)
        self.died_ns: NDArray[np.int64] = self._columns["died_ns"]
        self.zap: NDArray[np.int32] = self._columns["zap"]

    def append(self, rows: int, **values: NDArray[Any]) -> int:
        """Append living leaves and return the row of the first of them."""
        start, end = self.count, self.count + rows
        for name, value in values.items():
            self._columns[name][start:end] = value
        self.died_ns[start:end] = ALIVE
        self.zap[start:end] = -1
        self.count = end
        return start

    def table(self) -> LeafTable:
        """Return the finished table, sharing memory with this one."""
        return LeafTable(**{name: column[: self.count] for name, column in self._columns.items()})
