"""The texts of every table of a scenario, as they are kept."""

from __future__ import annotations

from pathlib import Path

from tests.facts.tables.test_every_table import EVERY
from tests.kept_texts import require_as_kept

KEPT = Path(__file__).parents[2] / "data" / "told_tables.txt"
_MOST_ROWS = 30


def texts_of(rows):
    yield f"== {rows.name}: {len(rows)}, {rows.about}"
    keys = [column.key for column in rows.columns]
    for column in rows.columns:
        yield f"{column.key} | {column.title} | {column.meaning} | {column.unit.value}"
    step = max(1, len(rows) // _MOST_ROWS)
    for row in range(0, len(rows), step):
        yield " | ".join(rows.texts(row, keys))


def test_every_table_says_what_it_said():
    found = "".join(f"{line}\n" for rows in EVERY for line in texts_of(rows))
    require_as_kept(found, KEPT)
