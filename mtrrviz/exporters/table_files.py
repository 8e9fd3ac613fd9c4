"""Tables of facts as files, CSV or JSON, written piece by piece.

Addresses and register values are hex strings, so that no reader rounds 64 bits; times are seconds
with nine decimals; what there is none of is empty (CSV) or null (JSON). Text of a scenario that a
spreadsheet would compute has a ' before it in CSV. Other programs rely on the columns and on their
order: new ones go to the end.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from mtrrviz.facts.formulas import FORMULA_SIGNS, without_formula
from mtrrviz.facts.tables.column import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.facts.tables.column import Value
    from mtrrviz.facts.tables.fact_rows import FactRows


def _hexadecimal(cells: list[Any]) -> list[Value]:
    """Return addresses or register values as files have them, e.g. "0x80000000"."""
    return [None if cell is None else hex(cell) for cell in cells]


def csv_parts(rows: FactRows) -> Iterator[str]:
    """Yield a table as CSV: a line of keys, then a line a row."""
    yield _csv_lines([[column.key for column in rows.columns]])
    for columns in _blocks(rows):
        yield _csv_lines(zip(*map(_csv_cells, columns), strict=True))


def _csv_lines(lines: Iterable[Iterable[Value]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _csv_cells(cells: list[Value]) -> list[Value]:
    """Return the cells of a column as CSV has them; those that are so already are not copied."""
    if {bool, float} & set(map(type, cells)):
        return list(map(_csv_cell, cells))
    beginnings = {cell[:1] for cell in cells if isinstance(cell, str)}
    return list(map(_csv_cell, cells)) if beginnings & FORMULA_SIGNS else cells


def _csv_cell(cell: Value) -> Value:
    if isinstance(cell, str):
        return without_formula(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{cell:.9f}" if isinstance(cell, float) else cell


def json_parts(rows: FactRows) -> Iterator[str]:
    """Yield a table as one JSON object: what it is of, then ``rows``, an object a line."""
    keys = [column.key for column in rows.columns]
    head = {"table": rows.name, **rows.about}
    yield "{\n" + "".join(f"{json.dumps(key)}: {json.dumps(head[key])},\n" for key in head)
    yield '"rows": ['
    separator = "\n"
    for columns in _blocks(rows):
        lines = zip(*columns, strict=True)
        objects = [json.dumps(dict(zip(keys, line, strict=True))) for line in lines]
        yield separator + ",\n".join(objects)
        separator = ",\n"
    yield "\n]}\n"


def _blocks(rows: FactRows) -> Iterator[list[list[Value]]]:
    """Yield the cells of blocks of rows, a list a column, addresses as hex strings."""
    are_hex = [column.unit is Unit.HEX for column in rows.columns]
    for block in rows.blocks():
        yield [
            _hexadecimal(cells) if is_hex else cells
            for cells, is_hex in zip(block, are_hex, strict=True)
        ]
