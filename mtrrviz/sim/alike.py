"""One of a few values for each of very many rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_Value = TypeVar("_Value")
_Key = TypeVar("_Key", bound=Hashable)


class Alike(Sequence[_Value]):
    """A sequence that holds each different value once: that of a row is ``values[codes[row]]``."""

    def __init__(self, values: Sequence[_Value], codes: NDArray[np.intp]) -> None:
        self.values, self.codes = tuple(values), codes

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> _Value: ...
    @overload
    def __getitem__(self, index: slice) -> Alike[_Value]: ...
    def __getitem__(self, index: int | slice) -> _Value | Alike[_Value]:
        """Return the value of a row, or some rows."""
        if isinstance(index, slice):
            return Alike(self.values, self.codes[index])
        return self.values[int(self.codes[index])]

    def which(self, is_so: Sequence[bool]) -> NDArray[np.bool_]:
        """Return the rows whose values are so; ``is_so`` has an answer for each of ``values``."""
        return np.array(is_so, np.bool_)[self.codes]


def alike(values: Iterable[_Key]) -> Alike[_Key]:
    """Return the same values with each different one held once, in the order of appearance."""
    numbers: dict[_Key, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return Alike(tuple(numbers), np.array(codes, np.intp))


def rows_of_each(codes: NDArray[Any]) -> list[NDArray[np.intp]]:
    """Return the rows of each different code, ascending, by ascending code."""
    order = np.argsort(codes, kind="stable")
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    return np.split(order, cuts) if len(codes) else []
