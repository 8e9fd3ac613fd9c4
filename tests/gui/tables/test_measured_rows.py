"""Tables to read: wide enough for their rows, and quick however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from mtrrviz.gui.common.tables.plain_table import PlainTable
from mtrrviz.gui.common.tables.rows_table_view import FollowingView
from mtrrviz.gui.common.widgets import plain_table

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


class Noting(QAbstractTableModel):
    """Rows of which the last is the longest; notes of which the text is asked for."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.longest = 50
        self.asked: list[int] = []

    def rowCount(self, parent: Any = None) -> int:
        del parent
        return self.rows

    def columnCount(self, parent: Any = None) -> int:
        del parent
        return 1

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        self.asked.append(index.row())
        return "w" * (self.longest if index.row() == self.rows - 1 else 5)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def shown(parent: QWidget, model: Noting) -> PlainTable:
    table = plain_table(model, "rows", parent)
    assert isinstance(table, PlainTable)
    table.resize(300, 200)
    parent.show()
    return table


@pytest.mark.parametrize("rows", [1, 40, 60, 5000])
def test_a_column_is_as_wide_as_its_longest_row(parent: QWidget, rows: int) -> None:
    model = Noting(rows)
    table = shown(parent, model)
    wide = table.fontMetrics().horizontalAdvance("w" * 50)
    assert wide < table.sizeHintForColumn(0) < wide + 30
    assert len(set(model.asked)) <= 100
    model.longest = 10
    assert table.sizeHintForColumn(0) > wide  # as it was not told of anything
    model.dataChanged.emit(model.index(0, 0), model.index(rows - 1, 0))
    assert table.sizeHintForColumn(0) < wide


def test_it_is_measured_once_and_again_in_another_font(parent: QWidget) -> None:
    model = Noting(500)
    table = shown(parent, model)
    before = table.sizeHintForColumn(0)
    model.asked.clear()
    assert table.sizeHintForColumn(0) == before
    assert model.asked == []
    font = table.font()
    font.setPointSizeF(2 * font.pointSizeF())
    table.setFont(font)
    assert table.sizeHintForColumn(0) > 1.5 * before


def test_a_table_without_rows_needs_no_width(parent: QWidget) -> None:
    assert shown(parent, Noting(0)).sizeHintForColumn(0) == -1


def test_letters_look_through_few_rows_only(parent: QWidget) -> None:
    few, many = Noting(100), Noting(500_000)
    for model, count in ((few, 100), (many, 0)):
        table = shown(parent, model)
        table.setCurrentIndex(model.index(0, 0))
        model.asked.clear()
        QTest.keyClick(table, Qt.Key.Key_Z)
        assert len(set(model.asked)) >= count
        assert len(set(model.asked)) <= max(count, 200)


def test_letters_look_through_few_rows_in_tables_of_the_document_too(parent: QWidget) -> None:
    model = Noting(500_000)
    table = FollowingView(parent)
    table.setModel(model)
    parent.show()
    table.setCurrentIndex(model.index(0, 0))
    model.asked.clear()
    table.keyboardSearch("z")
    assert len(set(model.asked)) <= 200


def test_all_of_very_many_rows_are_chosen_without_going_through_them(parent: QWidget) -> None:
    model = Noting(1_000_000)
    table = shown(parent, model)
    header = table.horizontalHeader()
    assert header.selectionModel() is not table.selectionModel()
    table.selectAll()
    assert table.selectionModel().isRowSelected(999_999)
