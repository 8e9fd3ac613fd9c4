"""Selected rows of a table, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QTableView

from mtrrviz.gui.common.tables.row_selection import selected_rows, selection_of
from mtrrviz.gui.tables.event_model import EventModel
from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.session.document import Document
from tests.gui.tables.shown_table import shown_table
from tests.session.booting import boot
from tests.sim.made import wrmsr

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui
FLAG = QItemSelectionModel.SelectionFlag


@pytest.fixture
def view(qtbot: QtBot) -> QTableView:
    view = QTableView()
    view.setModel(QStandardItemModel(20, 3, view))
    qtbot.addWidget(view)
    return view


@pytest.mark.parametrize("rows", [(), (0,), (19,), (3, 4, 5), (0, 1, 5, 7, 8, 19), range(20)])
def test_rows_are_selected_and_read_back(view: QTableView, rows: tuple[int, ...]) -> None:
    selection = selection_of(view.model(), np.array(rows, np.intp))
    view.selectionModel().select(selection, FLAG.ClearAndSelect)
    assert selected_rows(view) == list(rows)
    runs = sum(row - 1 not in rows for row in rows)
    assert selection.count() == runs
    assert len(view.selectionModel().selectedRows()) == len(rows)  # all columns of each


def test_rows_of_ranges_that_overlap_are_read_once(view: QTableView) -> None:
    model, chosen = view.model(), view.selectionModel()
    for first, last, column in ((4, 9, 0), (2, 6, 1), (8, 8, 2), (9, 11, 1)):
        selection = selection_of(model, np.arange(first, last + 1))
        selection.clear()
        selection.select(model.index(first, column), model.index(last, column))
        chosen.select(selection, FLAG.Select)
    assert selected_rows(view) == list(range(2, 12))


def test_selecting_all_asks_nothing_of_each_row(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, made = 3000, boot()
    events = tuple(wrmsr(at, 0x2FF, 0xC06) for at in range(count))
    document, asked = Document(replace(made, events=events)), []
    flags = EventModel.flags

    def counted(model: EventModel, index: Any) -> Any:
        asked.append(index.row())
        return flags(model, index)

    monkeypatch.setattr(EventModel, "flags", counted)
    table = shown_table(qtbot, EventTableView, document)
    table.view.selectAll()
    table.grab()
    assert document.chosen_events == frozenset(range(count))
    assert 0 < len(asked) < count
