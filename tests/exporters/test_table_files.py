"""Tables as CSV and JSON: every cell survives, and only a part is ever in memory."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import count, islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.exporters.table_files import csv_parts, json_parts
from mtrrviz.facts.table_text import tab_separated
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.fact_rows import FactRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.facts.tables.column import Value

CELLS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.integers(0, 2**64), st.none()
)


class Things(FactRows):
    name = "things"
    shown = ("a", "b")

    def __init__(self, lines, unit=Unit.WORDS):
        self.lines = lines
        self.columns = (
            Column("a", "A", "first", lambda rows, part: [a for a, _ in rows.lines[part]], unit),
            Column("b", "B", "second", lambda rows, part: [b for _, b in rows.lines[part]]),
        )

    @property
    def about(self) -> dict[str, Value]:
        return {"scenario": "s"}

    def __len__(self):
        return len(self.lines)


class Endless(Things):
    def blocks(self) -> Iterator[list[list[Value]]]:
        numbers = count()
        while block := [*islice(numbers, 4096)]:
            yield [[*block], [*block]]


class Uneven(Things):
    def blocks(self) -> Iterator[list[list[Value]]]:
        yield [[1, 2], [3]]


def table(*rows, unit=Unit.WORDS):
    return Things(rows, unit)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_json_gives_the_cells_back(rows):
    read = json.loads("".join(json_parts(table(*rows))))
    assert [(row["a"], row["b"]) for row in read["rows"]] == rows
    assert (read["table"], read["scenario"]) == ("things", "s")


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_csv_gives_the_cells_back_as_text(rows):
    text = "".join(csv_parts(table(*rows)))
    head, *body = csv.reader(io.StringIO(text, newline=""))
    assert head == ["a", "b"]
    assert body == [["" if cell is None else _in_csv(cell) for cell in row] for row in rows]


def _in_csv(cell) -> str:
    return f"'{cell}" if str(cell)[:1] in tuple("=+-@") and not _is_number(cell) else str(cell)


def _is_number(cell) -> bool:
    return re.fullmatch(r"-|[+-][0-9][0-9,.]*( ?[A-Za-zµ%]+)?", cell) is not None


@pytest.mark.parametrize("cell", ["=1+1", "+1+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "=", "-x"])
def test_a_spreadsheet_gets_no_formula_of_a_file(cell):
    (_, row) = csv.reader(io.StringIO("".join(csv_parts(table((cell, "x"))))))
    assert row == [f"'{cell}", "x"]
    assert tab_separated(["a"], [[cell]]).splitlines()[1] == f"'{cell}"


@pytest.mark.parametrize("cell", ["-", "-5", "+0.5 ms", "-12 MiB", "a=b", "", "WB -> UC"])
def test_numbers_and_other_words_stay_as_they_are(cell):
    (_, row) = csv.reader(io.StringIO("".join(csv_parts(table((cell, "x"))))))
    assert row == [cell, "x"]


def test_csv_writes_times_to_the_nanosecond_and_truth_in_words():
    assert "".join(csv_parts(table((6.9, True)))) == "a,b\n6.900000000,true\n"


def test_a_cell_with_separators_is_quoted():
    assert "".join(csv_parts(table(('x, "y"', None)))) == 'a,b\n"x, ""y""",\n'


def test_an_empty_table_is_whole():
    assert "".join(csv_parts(table())) == "a,b\n"
    assert json.loads("".join(json_parts(table())))["rows"] == []


@pytest.mark.parametrize("to_parts", [csv_parts, json_parts])
def test_an_endless_table_is_written_piece_by_piece(to_parts):
    parts = list(islice(to_parts(Endless(())), 4))
    assert len(parts) == 4
    assert "4095" in "".join(parts)


@pytest.mark.parametrize("to_parts", [csv_parts, json_parts])
def test_numbers_that_are_addresses_are_written_as_hex(to_parts):
    text = "".join(to_parts(table((0x8000_0000, 16), (None, None), unit=Unit.HEX)))
    assert "0x80000000" in text
    assert "0x10" not in text


@pytest.mark.parametrize("to_parts", [csv_parts, json_parts])
def test_columns_of_unequal_length_are_refused(to_parts):
    rows = Uneven(())
    with pytest.raises(ValueError, match="zip"):
        "".join(to_parts(rows))
