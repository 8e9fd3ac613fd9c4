"""Tables with one row for each value of a sequence, and the columns of address ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.fact_rows import FactRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mtrrviz.facts.tables.column import Value
    from mtrrviz.scenario.machine_spec import Region

ItemT = TypeVar("ItemT")
ItemT_co = TypeVar("ItemT_co", covariant=True)


class ItemRows(FactRows, Generic[ItemT_co]):
    """Rows by number of the item in ``items``."""

    def __init__(self, items: Sequence[ItemT_co]) -> None:
        self.items = items

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.items)

    def item(self, row: int) -> ItemT_co:
        """Return the item of a row."""
        return self.items[row]

    def items_in(self, part: slice) -> Iterable[ItemT_co]:
        """Return the items of some rows."""
        rows = range(len(self))[part]
        # Of long sequences a slice costs more than an item.
        return (self.item(rows[0]),) if len(rows) == 1 else self.items[part]


def of_item(
    _type: type[ItemT],
) -> Callable[[Callable[[ItemT], Value]], Callable[[ItemRows[ItemT], slice], list[Value]]]:
    """Return a function that makes the values of a column from a function of one item.

    The type of the items is named so that type checkers know what the function gets.
    """
    return lambda value: lambda rows, part: [value(item) for item in rows.items_in(part)]


class AddressRange(Protocol):
    """Pages [first_gfn, end_gfn) of one region, None where there is none."""

    @property
    def first_gfn(self) -> int:
        """The first page."""
        ...

    @property
    def end_gfn(self) -> int:
        """The page after the last one."""
        ...

    @property
    def region(self) -> Region | None:
        """The region that the pages belong to."""
        ...


def span_words(item: AddressRange) -> str:
    """Return the addresses of a range, the last byte included."""
    first, end = item.first_gfn << PAGE_SHIFT, item.end_gfn << PAGE_SHIFT
    return f"{format_gpa(first)} to {format_gpa(end - 1)}"


def region_words(item: AddressRange) -> str:
    """Return the name of the region, or that there is none."""
    return item.region.name if item.region else "unassigned"


_of = of_item(AddressRange)
SPAN_COLUMNS: tuple[Column[ItemRows[AddressRange]], ...] = (
    Column("start", "Range", "first address", _of(lambda r: r.first_gfn << PAGE_SHIFT), Unit.HEX,
           lambda rows, row: span_words(rows.items[row])),
    Column("end", "End", "address after the last",
           _of(lambda r: r.end_gfn << PAGE_SHIFT), Unit.HEX),
    Column("size_bytes", "Size", "length",
           _of(lambda r: (r.end_gfn - r.first_gfn) << PAGE_SHIFT), Unit.BYTES),
)  # fmt: skip
REGION_COLUMN: Column[ItemRows[AddressRange]] = Column(
    *("region", "Region", "name of the region; none where nothing is"),
    values=_of(lambda r: r.region and r.region.name),
    words=lambda rows, row: region_words(rows.items[row]),
)
