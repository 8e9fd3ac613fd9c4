"""What all tables of facts share: rows by number, columns, and the filter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mtrrviz.facts.tables.column import Unit, cell_text
from mtrrviz.facts.tables.filtering import (
    Mask,
    Matcher,
    check_filter,
    filter_mask,
    number_matcher,
    text_matcher,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from mtrrviz.facts.tables.column import Column, Value
    from mtrrviz.sim.alike import Alike

#: Rows that are made at a time: few calls, and little memory however long a table is.
BLOCK_ROWS = 4096
_COUNTS = frozenset({Unit.NUMBER, Unit.BYTES, Unit.CYCLES})


class FactRows(ABC):
    """The rows of a table, by number; values and texts are made when they are asked for.

    ``columns`` are all there are, in the order of files; ``shown`` are the keys of those that
    people see, in their order; ``help`` says how to filter, ``example`` is such a filter; ``names``
    are what titles, meanings and these two name in braces.
    """

    name: ClassVar[str]
    columns: tuple[Column[Any], ...]
    shown: tuple[str, ...]
    pause: Callable[[], None] = staticmethod(lambda: None)
    """Called every few thousand rows while a filter is worked out; raising from it aborts that."""
    help: ClassVar[str] = ""
    example: ClassVar[str] = ""
    names: Mapping[str, str] = MappingProxyType({})

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @property
    @abstractmethod
    def about(self) -> dict[str, Value]:
        """What the rows are of, as JSON values."""

    @property
    def time_ns(self) -> NDArray[np.int64] | None:
        """Time of each row, int64, ascending; None where rows are not of a time each."""
        return None

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU that a row is about, None if it is about no single one."""
        del row
        return None

    def shows_same(self, other: FactRows) -> bool:
        """Whether rows of the same table show the same words as these; False if in doubt."""
        return self is other

    def same_cells(self, key: str) -> Alike[int] | None:
        """Return for each row one that shows the same in a column, None if all are to be read."""
        del key
        return None

    def column(self, key: str) -> Column[Any]:
        """Return a column; KeyError if there is none of that name."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Column[Any]]:
        return {column.key: column for column in self.columns}

    def title(self, key: str) -> str:
        """Return what stands above a column."""
        return self.column(key).title.format(**self.names)

    @property
    def titles(self) -> tuple[str, ...]:
        """What stands above the columns that people see."""
        return tuple(map(self.title, self.shown))

    def value(self, row: int, key: str) -> Value:
        """Return the value of a cell."""
        return self._by_key[key].value(self, row)

    def values(self, key: str) -> list[Value]:
        """Return the values of a whole column."""
        return self._by_key[key].values(self, slice(0, len(self)))

    def text(self, row: int, key: str) -> str:
        """Return the text of a cell."""
        return self._by_key[key].text(self, row)

    def texts(self, row: int, keys: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the texts of a row: of the columns that people see, or of others."""
        return tuple(self.text(row, key) for key in keys or self.shown)

    def blocks(self) -> Iterator[list[list[Value]]]:
        """Yield the values of all columns, a block of rows at a time, a list a column."""
        for start in range(0, len(self), BLOCK_ROWS):
            part = slice(start, min(start + BLOCK_ROWS, len(self)))
            yield [column.values(self, part) for column in self.columns]

    # The filter

    def check_filter(self, text: str) -> None:
        """Raise :class:`MtrrvizError` if a filter names no column."""
        check_filter(text, self.matchers)

    def mask(self, text: str) -> Mask:
        """Return which rows a filter keeps; :class:`MtrrvizError` if it names no column."""
        return filter_mask(text, len(self), self.matchers)

    @property
    def matchers(self) -> dict[str, Matcher]:
        """What a filter can ask for, by name: every column, words anywhere in the row, and more.

        Made anew each time: rows that keep what holds them stay, and with them their run, until
        garbage is collected.
        """
        columns = {column.key: partial(self.column_mask, column.key) for column in self.columns}
        return {**columns, "": self._row_mask, **self.more_matchers()}

    @cached_property
    def _made(self) -> dict[str, Matcher]:
        """The matchers that were needed so far; none of them holds the rows."""
        return {}

    def column_mask(self, key: str, value: str) -> Mask:
        """Return the rows in which a column is what a filter asks for."""
        if key not in self._made:
            self._made[key] = self._column_matcher(self.column(key))
        return self._made[key](value)

    def _row_mask(self, value: str) -> Mask:
        if "" not in self._made:
            self._made[""] = self._row_matcher()
        return self._made[""](value)

    def more_matchers(self) -> dict[str, Matcher]:
        """Return what a filter can ask for beside the columns."""
        return {}

    def _column_matcher(self, column: Column[Any]) -> Matcher:
        rows, values = self._cells(column)
        if column.unit is Unit.HEX:
            return self._spread(column, number_matcher(values, 16))
        if column.unit in _COUNTS:
            return self._spread(column, number_matcher(values))
        # both, so that one may ask for "wrmsr" as files have it or for "#gp" as people see it
        texts = self._seen(column, rows, values)
        both = [f"{value} {text}".lower() for value, text in zip(values, texts, strict=True)]
        return self._spread(column, text_matcher(both))

    def _row_matcher(self) -> Matcher:
        """Find words in any column that people see; without a space no word spans two."""
        found = [self._seen_matcher(self.column(key)) for key in self.shown]
        return lambda value: np.logical_or.reduce([match(value) for match in found])

    def _seen_matcher(self, column: Column[Any]) -> Matcher:
        texts = self._seen(column, *self._cells(column))
        return self._spread(column, text_matcher([text.lower() for text in texts]))

    def _seen(
        self, column: Column[Any], rows: Sequence[int], values: Sequence[Value]
    ) -> Iterator[str]:
        """Yield the texts of some cells of a column."""
        cells = enumerate(zip(rows, values, strict=True))
        for number, (row, value) in cells:
            if number % BLOCK_ROWS == 0:
                self.pause()
            words = column.words
            yield cell_text(value, column.unit) if words is None else words(self, row)

    def _cells(self, column: Column[Any]) -> tuple[Sequence[int], list[Value]]:
        """Return the rows of a column to be looked at, and their values."""
        same = self.same_cells(column.key)
        if same is not None:
            rows = same.values
            return rows, [column.value(self, row) for row in rows]
        values: list[Value] = []
        for start in range(0, len(self), BLOCK_ROWS):
            self.pause()
            values += column.values(self, slice(start, min(start + BLOCK_ROWS, len(self))))
        return range(len(self)), values

    def _spread(self, column: Column[Any], match: Matcher) -> Matcher:
        """Extend a match of the rows that were looked at to all rows."""
        same = self.same_cells(column.key)
        return match if same is None else lambda value: match(value)[same.codes]
