"""Marks of memory types in tables: an icon with a line around, so that no colour is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon

from mtrrviz.gui.common.looks.type_marks import CELL_PX
from mtrrviz.gui.common.tables.rows_model import RowsModel
from tests.gui.every_panel import with_every_panel

if TYPE_CHECKING:
    from mtrrviz.gui.shell.workbench import Workbench

pytestmark = pytest.mark.gui


def test_every_mark_in_a_table_has_the_outline(bench: Workbench) -> None:
    with_every_panel(bench).bring_up("faults")
    bench.views.map.tabs.setCurrentWidget(bench.views.map.ranges)
    outline = bench.bridge.theme.outline.lower()
    marked: set[str] = set()
    for model in bench.window.findChildren(RowsModel):
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                mark = model.index(row, column).data(Qt.ItemDataRole.DecorationRole)
                if mark is None:
                    continue
                assert isinstance(mark, QIcon)
                image = mark.pixmap(CELL_PX, CELL_PX).toImage()
                corners = ((0, 0), (CELL_PX - 1, 0), (0, CELL_PX // 2), (CELL_PX // 2, CELL_PX - 1))
                assert {image.pixelColor(*corner).name() for corner in corners} == {outline}
                assert image.pixelColor(CELL_PX // 2, CELL_PX // 2).name() != outline
                marked.add(type(model.rows).__name__)
    assert {"FaultRows", "RangeRows"} <= marked
