"""The ranges in which two EPTs differ, for `mtrrviz compare` and for the list that a user saves."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from mtrrviz.facts.formulas import without_formula

if TYPE_CHECKING:
    from mtrrviz.facts.tables.difference_rows import DifferenceRows


def range_values(rows: DifferenceRows) -> list[dict[str, Any]]:
    """Return the ranges as JSON values; `mtrrviz compare --help` says what each key means.

    Other programs rely on the keys and on their order: new ones go to the end.
    """
    return [
        {
            "gpa": rows.value(row, "start"),
            "size_bytes": rows.value(row, "size_bytes"),
            "difference": rows.value(row, "difference"),
            "a": _leaf_values(rows, row, "a"),
            "b": _leaf_values(rows, row, "b"),
            "region": rows.value(row, "region"),
        }
        for row in range(len(rows))
    ]


def _leaf_values(rows: DifferenceRows, row: int, side: str) -> dict[str, Any] | None:
    kind = rows.value(row, f"type_{side}")
    return None if kind is None else {"type": kind, "ipat": rows.value(row, f"ipat_{side}")}


def ranges_text(rows: DifferenceRows, suffix: str) -> str:
    """Return the ranges as a file of that suffix has them: .json, .tsv, else CSV."""
    if suffix == ".json":
        return json.dumps(range_values(rows), indent=2) + "\n"
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t" if suffix == ".tsv" else ",", lineterminator="\n")
    writer.writerow(rows.titles)
    writer.writerows(map(without_formula, rows.texts(row)) for row in range(len(rows)))
    return out.getvalue()
