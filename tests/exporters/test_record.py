"""Tables as CSV and JSON: every cell survives, and only a part is ever in memory."""

from __future__ import annotations

import csv
import io
import json
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.exporters.record import Column, Table, csv_parts, json_parts

COLUMNS = (Column("a", "first"), Column("b", "second"))
CELLS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.integers(0, 2**64), st.none()
)


def table(*rows):
    return Table("things", {"scenario": "s"}, COLUMNS, rows)


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
    assert body == [["" if cell is None else str(cell) for cell in row] for row in rows]


def test_csv_writes_times_to_the_nanosecond_and_truth_in_words():
    assert "".join(csv_parts(table((6.9, True)))) == "a,b\n6.900000000,true\n"


def test_a_cell_with_separators_is_quoted():
    assert "".join(csv_parts(table(('x, "y"', None)))) == 'a,b\n"x, ""y""",\n'


def test_an_empty_table_is_whole():
    assert "".join(csv_parts(table())) == "a,b\n"
    assert json.loads("".join(json_parts(table())))["rows"] == []


@pytest.mark.parametrize("to_parts", [csv_parts, json_parts])
def test_an_endless_table_is_written_piece_by_piece(to_parts):
    endless = Table("things", {}, COLUMNS, ((number, None) for number in count()))
    parts = list(islice(to_parts(endless), 4))
    assert len(parts) == 4
    assert "4095" in "".join(parts)


@pytest.mark.parametrize("row", [("only one",), (1, 2, 3)])
def test_json_refuses_a_row_of_another_length(row):
    with pytest.raises(ValueError, match="zip"):
        "".join(json_parts(table(row)))
