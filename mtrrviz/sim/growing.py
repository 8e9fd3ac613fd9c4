"""Growing tables: rows are appended in batches, columns are numpy arrays throughout."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.sim.tables import ALIVE, LeafTable, ZapTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ranges = tuple[tuple[int, int], ...]

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

_ZAP_DTYPES: dict[str, type[np.generic]] = {
    "time_ns": np.int64,
    "vcpu": np.int16,
    "event": np.int32,
    "cause": np.uint8,
    "start_gfn": np.uint64,
    "end_gfn": np.uint64,
    "leaves_dropped": np.int32,
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


class GrowingZaps:
    """The zap table while it is being made; it may begin with the first zaps of an earlier run.

    Requests for the same ranges share them.
    """

    def __init__(self, table: ZapTable | None = None, count: int = 0) -> None:
        self._table, self._count = table, count
        self._rows: list[tuple[int, int, int, int, int]] = []
        self._ranges: list[Ranges] = []
        self._known: dict[Ranges, Ranges] = {}

    def __len__(self) -> int:
        """Return the number of zaps so far."""
        return self._count + len(self._rows)

    def append(
        self, time_ns: int, vcpu: int, event: int, cause: int, ranges: Ranges, dropped: int
    ) -> None:
        """Add a zap request; ``ranges`` are gfns [start, end), maybe none."""
        self._rows.append((time_ns, vcpu, event, cause, dropped))
        self._ranges.append(self._known.setdefault(ranges, ranges))

    def requests(self) -> tuple[NDArray[np.intp], tuple[Ranges, ...]]:
        """Return the event and the ranges of each zap."""
        return self._columns["event"].astype(np.intp), self._all_ranges

    def table(self, rivals: NDArray[np.int16], cycles: NDArray[np.float64]) -> ZapTable:
        """Return the finished table with the modelled cost of each zap."""
        return ZapTable(**self._columns, rivals=rivals, cycles=cycles, ranges=self._all_ranges)

    @cached_property
    def _all_ranges(self) -> tuple[Ranges, ...]:
        return (*(self._table.ranges[: self._count] if self._table else ()), *self._ranges)

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        spans = {ranges: _span(ranges) for ranges in self._known}
        new: dict[str, tuple[int, ...]] = {}
        if self._rows:
            names = ("time_ns", "vcpu", "event", "cause", "leaves_dropped")
            new.update(zip(names, zip(*self._rows, strict=True), strict=True))
            ends = zip(*(spans[ranges] for ranges in self._ranges), strict=True)
            new.update(zip(("start_gfn", "end_gfn"), ends, strict=True))
        return {name: self._column(name, new.get(name, ())) for name in _ZAP_DTYPES}

    def _column(self, name: str, new: Sequence[int]) -> NDArray[Any]:
        made = np.array(new, _ZAP_DTYPES[name])
        return np.append(getattr(self._table, name)[: self._count], made) if self._table else made


def _span(ranges: Ranges) -> tuple[int, int]:
    """Return from the lowest to the highest gfn of a request, 0 to 0 if it has no range."""
    if not ranges:
        return 0, 0
    return min(start for start, _ in ranges), max(end for _, end in ranges)
