"""A column of a table: its name in files, its title, its meaning, its values and its words."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mtrrviz.core.record import Record
from mtrrviz.core.units import format_gpa, format_size
from mtrrviz.facts.time_text import clock_text

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | int | float | bool | None
#: What a column reads: the rows of a table.
RowsT_contra = TypeVar("RowsT_contra", contravariant=True)


class Unit(Enum):
    """What the values of a column are, which decides how they are written and filtered."""

    WORDS = "words"
    CODE = "code"
    """Words with digits in them, for a fixed-width font."""
    NUMBER = "number"
    SECONDS = "s"
    BYTES = "bytes"
    CYCLES = "cycles"
    HEX = "hex"
    """Addresses and register values: whole numbers, which files have as hex strings."""

    @property
    def is_number(self) -> bool:
        """Whether values are aligned right: numbers whose size is compared."""
        return self in _NUMBERS

    @property
    def is_exact(self) -> bool:
        """Whether single digits matter, so that a fixed-width font reads better."""
        return self in _EXACT


_NUMBERS = frozenset({Unit.NUMBER, Unit.SECONDS, Unit.BYTES, Unit.CYCLES})
_EXACT = frozenset({Unit.CODE, Unit.SECONDS, Unit.BYTES, Unit.CYCLES, Unit.HEX})


class Column(Record, Generic[RowsT_contra]):
    """One column of a kind of table.

    ``key`` is its name in files and filters and never changes; ``title`` stands above it and
    ``meaning`` explains it in help texts; both may name a figure of the rows in braces. ``values``
    returns the cells of a slice of the rows: what files hold, and what is sorted and filtered by.
    ``words`` returns the text of one row for people; without it the value is written as its unit
    says.
    """

    key: str
    title: str
    meaning: str
    values: Callable[[RowsT_contra, slice], list[Any]]
    unit: Unit = Unit.WORDS
    words: Callable[[RowsT_contra, int], str] | None = None

    def value(self, rows: RowsT_contra, row: int) -> Value:
        """Return the value of a row."""
        return self.values(rows, slice(row, row + 1))[0]

    def text(self, rows: RowsT_contra, row: int) -> str:
        """Return the text of a row."""
        if self.words is not None:
            return self.words(rows, row)
        return cell_text(self.value(rows, row), self.unit)


def cell_text(value: Value, unit: Unit) -> str:
    """Return a value as people read it, "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    writer = _WRITERS.get(unit, str)
    return writer(value)


_WRITERS: dict[Unit, Callable[[Any], str]] = {
    Unit.NUMBER: lambda value: f"{value:,}",
    Unit.CYCLES: lambda value: f"{value:,.0f}",
    Unit.BYTES: format_size,
    Unit.SECONDS: lambda value: clock_text(round(value * 1e9), 6),
    Unit.HEX: format_gpa,
}


def each(
    value: Callable[[RowsT_contra, int], Value],
) -> Callable[[RowsT_contra, slice], list[Value]]:
    """Return the values of a column whose value is worked out row by row."""
    return lambda rows, part: [value(rows, row) for row in range(part.start, part.stop)]
