"""The bar's controls stay in sight however narrow the window is."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QMainWindow, QToolBar

from mtrrviz.gui.common.layout.wrapping import WrappingRow

pytestmark = pytest.mark.gui


@pytest.fixture
def window(qtbot) -> QMainWindow:
    """A window with two parts of 300 pixels in its tool bar."""
    window = QMainWindow()
    qtbot.addWidget(window)
    parts = [QLabel(text) for text in ("first", "second")]
    for part in parts:
        part.setFixedWidth(300)
    bar = QToolBar()
    bar.addWidget(WrappingRow(*parts))
    window.addToolBar(bar)
    window.show()
    return window


@pytest.mark.parametrize(("width", "wrapped"), [(900, False), (500, True)])
def test_parts_stand_below_each_other_where_there_is_no_room(window, qtbot, width, wrapped) -> None:
    row = window.findChild(WrappingRow)
    window.resize(width, 300)
    qtbot.waitUntil(lambda: row.is_wrapped is wrapped)
    first, second = row.findChildren(QLabel)
    qtbot.waitUntil(lambda: (second.y() > first.y()) is wrapped)
    assert second.isVisible()
    assert second.mapTo(window, second.rect().topRight()).x() <= window.width()
