"""A table to take away: named columns and rows that are made one by one, as CSV or JSON.

Addresses and register values are hex strings, so that no reader rounds 64 bits; times are seconds
with nine decimals; what there is none of is empty (CSV) or null (JSON). Other programs rely on the
columns and on their order: new ones go to the end.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Cell = str | int | float | bool | None
Row = tuple[Cell, ...]

#: Rows written at a time: few calls, and little memory however long the table is.
ROWS_A_PART = 4096


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name in files and what its cells mean."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """Rows with their columns; ``about`` says what they are of, as JSON values.

    ``rows`` may be an iterator and can then be read once.
    """

    what: str
    about: dict[str, Cell]
    columns: tuple[Column, ...]
    rows: Iterable[Row]


def hexadecimal(value: int) -> str:
    """Return a number as files have it, e.g. "0x80000000"."""
    return f"{value:#x}"


def csv_parts(table: Table) -> Iterator[str]:
    """Yield a table as CSV: a line of names, then a line a row."""
    yield _csv_lines([tuple(column.name for column in table.columns)])
    for rows in _batches(table.rows):
        yield _csv_lines([tuple(map(_csv_cell, row)) for row in rows])


def _csv_lines(rows: Iterable[Iterable[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{cell:.9f}" if isinstance(cell, float) else cell


def json_parts(table: Table) -> Iterator[str]:
    """Yield a table as one JSON object: ``about``'s keys, then ``rows``, an object a line."""
    names = [column.name for column in table.columns]
    head = {"table": table.what, **table.about}
    yield "{\n" + "".join(f"{json.dumps(key)}: {json.dumps(head[key])},\n" for key in head)
    yield '"rows": ['
    separator = "\n"
    for rows in _batches(table.rows):
        lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows]
        yield separator + ",\n".join(lines)
        separator = ",\n"
    yield "\n]}\n"


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, ROWS_A_PART)):
        yield batch
