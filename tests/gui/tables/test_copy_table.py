"""A table of text measures its columns when it is filled, and once."""

from __future__ import annotations

import contextlib

import pytest

from mtrrviz.gui.common.tables.copy_table import CopyTable

pytestmark = pytest.mark.gui


def fill(table, letters, filling):
    with filling():
        table.setRowCount(30)
        for row in range(30):
            table.fill(row, (letters * (row + 1), "1"))


@pytest.fixture
def table(qtbot):
    """A table whose rows are there and were measured."""
    made = CopyTable(("name", "number"), 1, "Table")
    qtbot.addWidget(made)
    made.show()
    fill(made, "narrow", made.filling)
    qtbot.waitUntil(lambda: made.columnWidth(0) >= advance(made, "narrow" * 30))
    return made


def advance(table, words):
    return table.fontMetrics().horizontalAdvance(words)


def times_measured(table, filling):
    resized = []
    table.horizontalHeader().sectionResized.connect(lambda column, *_: resized.append(column))
    fill(table, "wider than that", filling)
    return resized.count(0)


def test_columns_are_measured_once_for_all_rows(table, qtbot):
    assert times_measured(table, table.filling) <= 1
    qtbot.waitUntil(lambda: table.columnWidth(0) >= advance(table, "wider than that" * 30))


def test_otherwise_they_are_measured_at_every_row(table):
    assert times_measured(table, contextlib.nullcontext) > 10
