"""Columns of tables are as wide as what a few of their rows need, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtWidgets import QWidget

from mtrrviz.gui.common.widgets import plain_table

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


class Noting(QAbstractTableModel):
    """Many rows; notes of which the text is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[int] = set()

    def rowCount(self, parent: Any = None) -> int:
        del parent
        return 5000

    def columnCount(self, parent: Any = None) -> int:
        del parent
        return 1

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        self.asked.add(index.row())
        return "w" * 50


def test_a_few_rows_are_measured(qtbot: QtBot) -> None:
    parent, model = QWidget(), Noting()
    qtbot.addWidget(parent)
    table = plain_table(model, "many", parent)
    assert table.sizeHintForColumn(0) > table.fontMetrics().horizontalAdvance("w" * 49)
    assert 1 < len(model.asked) <= 100
