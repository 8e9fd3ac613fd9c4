"""What a scenario file says, as a tree of tables: what the text of a file is made of and diffed by.

Whoever writes files knows nothing of scenarios: a new table needs a place in the tree alone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping
from typing import Any

import msgspec

from mtrrviz.core.record import Record
from mtrrviz.scenario.files.writing.spelling import Spelled


class Implied(msgspec.Struct, frozen=True, gc=False):
    """A value that a file need not say, since it is the default or follows from the others."""

    value: Spelled


class Unless(msgspec.Struct, frozen=True, gc=False):
    """A value that a row says unless it has the key ``other``, which says the same."""

    value: Spelled
    other: str


Cell = Spelled | Implied | Unless | None
"""A value of a table; None where there is none."""
Row = Mapping[str, Cell]
"""The keys of a table without tables in it, in the order in which a person writes them."""


class TableRows(Record):
    """An array of tables: its ``items``, and how each is written.

    ``order`` is for arrays whose items are not in the order of the file: it takes the decoded
    table and returns by what the items are sorted.
    """

    items: tuple[Hashable, ...]
    row: Callable[[Any], Row]
    order: Callable[[dict[str, Any]], Any] | None = None


Tree = Mapping[str, "Cell | TableRows | Tree"]
"""A table with its values, arrays of tables, and tables, in the order of a file."""


def spelled(cell: Cell) -> Spelled | None:
    """Return the value of a key that a file has already, None if it must go."""
    return cell.value if isinstance(cell, (Implied, Unless)) else cell


def written(cell: Cell, keys: Container[str] = ()) -> Spelled | None:
    """Return the value if a table with ``keys`` must be given it, else None."""
    if isinstance(cell, Implied):
        return None
    if isinstance(cell, Unless):
        return None if cell.other in keys else cell.value
    return cell
