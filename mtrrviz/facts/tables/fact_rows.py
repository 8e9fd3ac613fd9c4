"""What all tables of facts share: rows by number, columns, and the filter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from mtrrviz.facts.tables.column import Unit, cell_text
from mtrrviz.facts.tables.filtering import (
    Mask,
    Matcher,
    filter_mask,
    lazy_matcher,
    number_matcher,
    text_matcher,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.facts.tables.column import Column, Value

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

    def mask(self, text: str) -> Mask:
        """Return which rows a filter keeps; :class:`MtrrvizError` if it names no column."""
        return filter_mask(text, len(self), self.matchers)

    @cached_property
    def matchers(self) -> dict[str, Matcher]:
        """What a filter can ask for, by name: every column, words anywhere in the row, and more."""
        columns = {c.key: lazy_matcher(lambda c=c: self._column_matcher(c)) for c in self.columns}
        return {**columns, "": lazy_matcher(self._row_matcher), **self.more_matchers()}

    def more_matchers(self) -> dict[str, Matcher]:
        """Return what a filter can ask for beside the columns."""
        return {}

    def _column_matcher(self, column: Column[Any]) -> Matcher:
        values = self.values(column.key)
        if column.unit is Unit.HEX:
            return number_matcher(values, 16)
        if column.unit in _COUNTS:
            return number_matcher(values)
        if column.words is None:
            texts = [f"{value} {cell_text(value, column.unit)}" for value in values]
        else:
            # both, so that one may ask for "wrmsr" as files have it or for "#gp" as people see it
            texts = [f"{value} {column.words(self, row)}" for row, value in enumerate(values)]
        return text_matcher([text.lower() for text in texts])

    def _row_matcher(self) -> Matcher:
        return text_matcher([" ".join(self.texts(row)).lower() for row in range(len(self))])
