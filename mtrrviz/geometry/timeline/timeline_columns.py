"""What the timeline draws, gathered into pixel columns so that nothing is hidden or drawn twice.

However many zaps or events there are, what is drawn is bounded by the pixels there are for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.sim.tables import ZapTable

#: Pixels of one column of stems: three to see the colour of, one between neighbours.
COLUMN_PX = 4


class LogScale(Record):
    """Cycles to a share of the height, by their logarithm.

    ``low`` and ``high`` are powers of ten (as exponents) at the shares 0 and 1.
    """

    low: float
    high: float

    @classmethod
    def around(cls, *cycles: NDArray[np.float64]) -> LogScale:
        """Return a scale with the most expensive zap near its top and the cheapest above 0."""
        present = [part for part in cycles if len(part)]
        if not present:
            return cls(5.0, 9.0)
        least = max(1.0, min(float(part.min()) for part in present))
        most = max(1.0, *(float(part.max()) for part in present))
        low = np.floor(np.log10(least) - 0.5)
        return cls(float(max(0.0, low)), float(np.log10(most)) + 0.35)

    def share(self, cycles: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the share of the height, float64, 0 or more."""
        exponents = np.log10(np.maximum(cycles, 1.0))
        return np.maximum((exponents - self.low) / (self.high - self.low), 0.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Return (share, text) of the powers of ten on the scale, e.g. (0.3, "1 M")."""
        exponents = range(int(np.ceil(self.low)), int(np.floor(self.high)) + 1)
        return [((e - self.low) / (self.high - self.low), _power_text(e)) for e in exponents]


def _power_text(exponent: int) -> str:
    power, prefix = divmod(exponent, 3)
    return f"{10**prefix} {('', 'k', 'M', 'G', 'T', 'P')[power]}".strip()


class Stems(Record):
    """Parts of the stems: one for each column, height and vCPU that has zaps there.

    ``x`` int32 left pixel of the column; ``low``, ``high`` float64 shares of the height between
    which the part lies; ``vcpu`` int16; ``count`` zaps in it; ``contended``, ``partial`` bool:
    whether a zap in it contended, or was of a part of memory only; ``is_top`` bool: the part is
    the uppermost of its height, where the mark of contended zaps goes.
    """

    x: NDArray[np.int32]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    vcpu: NDArray[np.int16]
    count: NDArray[np.intp]
    contended: NDArray[np.bool_]
    partial: NDArray[np.bool_]
    is_top: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.x)


def visible(times_ns: NDArray[np.int64], axis: TimeAxis, margin_px: int = 8) -> slice:
    """Return the rows of ascending times that fall on the axis or just beside it."""
    margin = margin_px * axis.span_ns / axis.width
    low = np.searchsorted(times_ns, np.int64(axis.start_ns - margin), "left")
    high = np.searchsorted(times_ns, np.int64(axis.end_ns + margin), "right")
    return slice(int(low), int(high))


def stems(zaps: ZapTable, axis: TimeAxis, scale: LogScale) -> Stems:
    """Return the parts of all stems on the axis, tallest last in each column.

    Zaps of one column and height share the stretch above the next lower height evenly between
    their vCPUs, so that each vCPU's colour is seen.
    """
    rows = visible(zaps.time_ns, axis)
    x = _column_of(zaps.time_ns[rows], axis)
    order = np.lexsort((zaps.vcpu[rows], zaps.cycles[rows], x))
    x, cycles, vcpu = x[order], zaps.cycles[rows][order], zaps.vcpu[rows][order]
    new_column = _changes(x)
    new_height = new_column | _changes(cycles)
    starts = np.flatnonzero(new_height | _changes(vcpu))
    low, high, is_top = _stacked(scale.share(cycles), new_column, new_height, starts)
    return Stems(
        x=x[starts],
        low=low,
        high=high,
        vcpu=vcpu[starts],
        count=np.diff(np.append(starts, len(x))),
        contended=_any_in(zaps.contended[rows][order], starts),
        partial=_any_in(zaps.partial[rows][order], starts),
        is_top=is_top,
    )


def _column_of(times_ns: NDArray[np.int64], axis: TimeAxis) -> NDArray[np.int32]:
    """Return the left pixel of the column of each time.

    Columns are counted from time 0, not from the axis's left end: panning moves them as they are.
    """
    px_per_ns = axis.width / axis.span_ns
    from_zero = np.floor(times_ns * px_per_ns).astype(np.int64) // COLUMN_PX * COLUMN_PX
    return (from_zero - int(axis.start_ns * px_per_ns) + axis.left).astype(np.int32)


def _changes(column: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return where a column differs from the row before; the first row does."""
    changed = np.ones(len(column), bool)
    changed[1:] = column[1:] != column[:-1]
    return changed


def _any_in(flags: NDArray[np.bool_], starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.logical_or.reduceat(flags, starts) if len(starts) else np.zeros(0, bool)


def _stacked(
    shares: NDArray[np.float64],
    new_column: NDArray[np.bool_],
    new_height: NDArray[np.bool_],
    starts: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return lower and upper end of each part, and whether it is the uppermost of its height."""
    heads = np.flatnonzero(new_height)
    height = np.cumsum(new_height)[starts] - 1
    tops = shares[heads]
    below = np.append(0.0, tops[:-1]) * ~new_column[heads] if len(heads) else tops
    members = np.bincount(height, minlength=len(heads))
    first = np.cumsum(members) - members
    place = np.arange(len(starts)) - first[height]
    part = (tops - below)[height] / members[height]
    low = below[height] + part * place
    return low, low + part, place == members[height] - 1


class Cluster(Record):
    """Columns of stems that stand together: pixels, number of zaps, and how high they reach."""

    left: int
    right: int
    count: int
    top: float


def clusters(parts: Stems, gap_px: int = 3 * COLUMN_PX) -> list[Cluster]:
    """Return the groups of columns with less than ``gap_px`` between them."""
    if not len(parts):
        return []
    starts = np.flatnonzero(np.append(True, np.diff(parts.x) > gap_px))
    ends = np.append(starts[1:], len(parts))
    counts = np.add.reduceat(parts.count, starts)
    tops = np.maximum.reduceat(parts.high, starts)
    return [
        Cluster(int(parts.x[a]), int(parts.x[b - 1]) + COLUMN_PX, int(n), float(top))
        for a, b, n, top in zip(starts, ends, counts, tops, strict=True)
    ]


def count_steps(
    times_ns: NDArray[np.int64], axis: TimeAxis
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pixels and counts so far wherever the running count changes, and at both ends."""
    edges = axis.start_ns + np.arange(axis.width + 1) * (axis.span_ns / axis.width)
    counts = np.searchsorted(times_ns, np.floor(edges).astype(np.int64), "right")
    changed = np.flatnonzero(np.diff(counts)) + 1
    kept = np.concatenate(([0], changed, [axis.width]))
    return kept + axis.left, counts[kept]
