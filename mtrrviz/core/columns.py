"""Tables in columns: numpy arrays of equal length that nobody can write to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from msgspec.structs import force_setattr

from mtrrviz.core.optional_library import optional_library
from mtrrviz.core.record import Record
from mtrrviz.core.wording.html_table import html_table

if TYPE_CHECKING:
    from collections.abc import Sized

    from numpy.typing import NDArray

#: What to_dataframe and to_arrow return; neither library is needed to have the types checked.
DataFrame = Any
ArrowTable = Any
_SHOWN_ROWS = 20
_Scalar = TypeVar("_Scalar", bound=np.generic)


def read_only(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return the same values where a write raises ValueError; ``array`` itself stays as it is."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


class Columns(Record, eq=False, dict=True, weakref=True):
    """Base of the records whose fields are columns: read-only, and short when shown.

    What is kept of a table (an order, a mask) is shared by all that read it, so a write through
    one of its columns would change what others see without a word.
    """

    derived: ClassVar[tuple[str, ...]] = ()
    """Properties that are columns as well, for tables that are handed to other libraries."""

    def __post_init__(self) -> None:
        for name, column in self._arrays().items():
            force_setattr(self, name, read_only(column))

    def __repr__(self) -> str:
        """Return the number of rows and the names of the columns, not the values."""
        arrays = self._arrays()
        rows = len(next(iter(arrays.values()), ()))
        return f"<{type(self).__name__}: {rows:,} rows of {', '.join(arrays)}>"

    def _repr_html_(self) -> str:
        """Return the first rows as a notebook shows them."""
        arrays = self.arrays()
        rows = len(next(iter(arrays.values()), ()))
        shown = zip(*(column[:_SHOWN_ROWS].tolist() for column in arrays.values()), strict=True)
        caption = f"{type(self).__name__}, {min(rows, _SHOWN_ROWS):,} of {rows:,} rows"
        return html_table(tuple(arrays), list(shown), caption)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the columns by name, then what :attr:`derived` names, all read-only."""
        derived = {name: read_only(getattr(self, name)) for name in self.derived}
        return {**self._arrays(), **derived}

    def to_dataframe(self) -> DataFrame:
        """Return the columns as a pandas.DataFrame. ImportError where pandas is not installed."""
        return optional_library("pandas").DataFrame(self.arrays())

    def to_arrow(self) -> ArrowTable:
        """Return the columns as a pyarrow.Table. ImportError where pyarrow is not installed."""
        return optional_library("pyarrow").table(self.arrays())

    def _arrays(self) -> dict[str, NDArray[Any]]:
        values: dict[str, Sized] = {name: getattr(self, name) for name in self.__struct_fields__}  # pyright: ignore[reportArgumentType]
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
