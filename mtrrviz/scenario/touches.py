"""Page touches: which guest frames the vCPUs use, when, and how, in columns."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import force_setattr

from mtrrviz.core.columns import Columns
from mtrrviz.core.record import Record
from mtrrviz.core.units import GFN_SPACE
from mtrrviz.scenario.value_check import A_VCPU, U64_MAX, choice, refused, time_ns, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Access(IntEnum):
    """How a page is touched, as recorded in touch files."""

    READ = 0
    WRITE = 1
    EXECUTE = 2


class Sweep(Record):
    """A hand-written run of touches: ``pages`` frames from ``first_gfn``, evenly over a time.

    The first page is touched at ``time_ns``, the last just before ``time_ns + lasts_ns``.
    """

    time_ns: int
    vcpu: int
    first_gfn: int
    pages: int
    access: Access = Access.READ
    lasts_ns: int = 0

    def __post_init__(self) -> None:
        checked = {
            "time_ns": time_ns(self.time_ns, "sweep.time_ns"),
            "vcpu": whole(self.vcpu, "sweep.vcpu", U64_MAX, A_VCPU),
            "first_gfn": whole(self.first_gfn, "sweep.first_gfn", GFN_SPACE - 1),
            "pages": whole(self.pages, "sweep.pages", GFN_SPACE, "at least one page", least=1),
            "access": choice(self.access, Access, "sweep.access"),
            "lasts_ns": time_ns(self.lasts_ns, "sweep.lasts_ns"),
        }
        for name, value in checked.items():
            force_setattr(self, name, value)


class Touches(Columns):
    """Touches sorted by time: ``time_ns`` int64, ``gfn`` uint64, ``vcpu`` uint8, ``access`` uint8.

    The arrays have equal length and are never written to. Compared by identity, since a
    recording has up to millions of rows and is shared by every edit of its scenario.
    """

    time_ns: NDArray[np.int64]
    gfn: NDArray[np.uint64]
    vcpu: NDArray[np.uint8]
    access: NDArray[np.uint8]

    def __post_init__(self) -> None:
        for name, dtype in _DTYPES.items():
            column = _integers(getattr(self, name), dtype, f"touches.{name}")
            force_setattr(self, name, column)
        super().__post_init__()
        lengths = {len(getattr(self, name)) for name in _DTYPES}
        if len(lengths) > 1:
            raise refused("touches", sorted(lengths), "columns of equal length")
        back = np.flatnonzero(self.time_ns[1:] < self.time_ns[:-1])
        if len(back):
            row = int(back[0]) + 1
            place = f"touches.time_ns[{row}]"
            raise refused(place, int(self.time_ns[row]), "times that do not go back")

    def __len__(self) -> int:
        """Return the number of touches."""
        return self.time_ns.size

    @property
    def end_ns(self) -> int:
        """Time of the last touch, 0 without any."""
        return int(self.time_ns[-1]) if len(self) else 0

    def stretched(self, factor: float) -> Touches:
        """Return the same touches with all times multiplied by ``factor``."""
        times = np.rint(self.time_ns * factor).astype(np.int64)
        return Touches(times, self.gfn, self.vcpu, self.access)


_DTYPES: dict[str, type[np.integer[Any]]] = {
    "time_ns": np.int64,
    "gfn": np.uint64,
    "vcpu": np.uint8,
    "access": np.uint8,
}


def _integers(values: object, dtype: type[np.integer[Any]], place: str) -> NDArray[Any]:
    """Return a column of integers as ``dtype``; ScenarioError for what would not stay the same."""
    column: NDArray[Any] = np.asarray(values)
    if column.dtype == dtype and column.ndim == 1:
        return column
    expected = f"one dimension of whole numbers that fit {dtype.__name__}"
    if column.ndim != 1 or (column.size and column.dtype.kind not in "iu"):
        raise refused(place, f"{column.dtype} in {column.ndim} dimensions", expected)
    limits = np.iinfo(dtype)
    for extreme in (int(column.min()), int(column.max())) if column.size else ():
        if not limits.min <= extreme <= limits.max:
            raise refused(place, extreme, expected)
    return column.astype(dtype)


def no_touches() -> Touches:
    """Return an empty table."""
    return Touches(
        np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.uint8), np.zeros(0, np.uint8)
    )


def expand_sweep(sweep: Sweep) -> Touches:
    """Return the touches of one sweep, one per page."""
    steps = np.arange(sweep.pages, dtype=np.int64)
    # In two parts, so that nothing is rounded and nothing overflows.
    whole_ns, rest_ns = divmod(sweep.lasts_ns, sweep.pages)
    return Touches(
        sweep.time_ns + steps * whole_ns + steps * rest_ns // sweep.pages,
        np.uint64(sweep.first_gfn) + steps.astype(np.uint64),
        np.full(sweep.pages, sweep.vcpu, np.uint8),
        np.full(sweep.pages, int(sweep.access), np.uint8),
    )


def merge_touches(parts: Sequence[Touches]) -> Touches:
    """Return all touches of ``parts`` in one table, by time; ties keep the order of ``parts``."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return no_touches()
    times = np.concatenate([part.time_ns for part in parts])
    order = np.argsort(times, kind="stable")
    return Touches(
        times[order],
        np.concatenate([part.gfn for part in parts])[order],
        np.concatenate([part.vcpu for part in parts])[order],
        np.concatenate([part.access for part in parts])[order],
    )
