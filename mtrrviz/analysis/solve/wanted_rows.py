"""The table of a wanted map: ranges and the types that their pages shall have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import format_gpa
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.fact_rows import FactRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.analysis.solve.wanted import WantedRange
    from mtrrviz.facts.tables.column import Value


def _of(
    value: Callable[[WantedRange], Value],
) -> Callable[[WantedRows, slice], list[Value]]:
    """Return the values of a column that a range alone fills."""
    return lambda rows, part: [value(one) for one in rows.ranges[part]]


_COLUMNS: tuple[Column[WantedRows], ...] = (
    Column("start", "From", "The first address: 0x8000_0000 or 2 GiB",
           _of(lambda one: one.start), Unit.HEX),
    Column("end", "Last byte", "The last address, or the one after it: 0xffff_ffff or 4 GiB",
           _of(lambda one: one.end), Unit.HEX,
           lambda rows, row: format_gpa(rows.ranges[row].end - 1)),
    Column("size_bytes", "Size", "The size: 512 MiB, 2 GiB",
           _of(lambda one: one.end - one.start), Unit.BYTES),
    Column("type", "Type", "The type that these pages shall have",
           _of(lambda one: one.type.name)),
)  # fmt: skip


class WantedRows(FactRows):
    """Rows by number of the range."""

    name = "wanted"
    columns = _COLUMNS
    shown = ("start", "end", "size_bytes", "type")

    def __init__(self, ranges: tuple[WantedRange, ...]) -> None:
        self.ranges = ranges

    @property
    def about(self) -> dict[str, Value]:
        """Nothing: a wanted map is the user's."""
        return {}

    def __len__(self) -> int:
        """Return the number of ranges."""
        return len(self.ranges)

    def shows_same(self, other: FactRows) -> bool:
        """Whether the ranges are the same."""
        return isinstance(other, WantedRows) and self.ranges == other.ranges
