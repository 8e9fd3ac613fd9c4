"""Growing tables: rows are appended in batches, columns are numpy arrays throughout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mtrrviz.sim.tables import ALIVE, LeafTable, ZapTable

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


class ZapRow(NamedTuple):
    """One zap request while the table is made; ``ranges`` are gfns [start, end), maybe none."""

    time_ns: int
    vcpu: int
    event: int
    cause: int
    ranges: tuple[tuple[int, int], ...]
    leaves_dropped: int


def zap_table(
    rows: list[ZapRow], rivals: NDArray[np.int16], cycles: NDArray[np.float64]
) -> ZapTable:
    """Return the zap table of ``rows`` with the modelled cost of each."""
    return ZapTable(
        time_ns=np.array([row.time_ns for row in rows], np.int64),
        vcpu=np.array([row.vcpu for row in rows], np.int16),
        event=np.array([row.event for row in rows], np.int32),
        cause=np.array([row.cause for row in rows], np.uint8),
        start_gfn=np.array([min((s for s, _ in row.ranges), default=0) for row in rows], np.uint64),
        end_gfn=np.array([max((e for _, e in row.ranges), default=0) for row in rows], np.uint64),
        leaves_dropped=np.array([row.leaves_dropped for row in rows], np.int32),
        rivals=rivals,
        cycles=cycles,
        ranges=tuple(row.ranges for row in rows),
    )
