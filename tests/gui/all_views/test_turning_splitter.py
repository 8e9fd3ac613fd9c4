"""Parts stand side by side where there is room, else below each other, and keep their sizes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter
from mtrrviz.gui.shell.workbench import settle

pytestmark = pytest.mark.gui


class Part(QWidget):
    """A part that needs a width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width

    def minimumSizeHint(self) -> QSize:
        """Need that width and 40 pixels of height."""
        return QSize(self._width, 40)


@pytest.fixture
def splitter(qtbot):
    panel = QWidget()
    qtbot.addWidget(panel)
    made = TurningSplitter(panel)
    for width in (150, 250):
        made.addWidget(Part(width))
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(made)
    panel.resize(1000, 200)
    panel.show()
    settle()
    yield made  # noqa: PT022 - or the panel would be collected


def test_it_turns_by_the_width(splitter):
    assert splitter.orientation() is Qt.Orientation.Horizontal
    splitter.parentWidget().resize(300, 200)
    settle()
    assert splitter.orientation() is Qt.Orientation.Vertical
    splitter.parentWidget().resize(1000, 200)
    settle()
    assert splitter.orientation() is Qt.Orientation.Horizontal


def test_it_needs_the_width_of_its_widest_part_alone(splitter):
    assert splitter.minimumSizeHint().width() == 250
    assert splitter.minimumSizeHint().height() == 40
    splitter.parentWidget().resize(300, 200)
    settle()
    assert splitter.minimumSizeHint().height() == 80 + splitter.handleWidth()


def test_the_sizes_of_both_ways_are_kept(splitter):
    splitter.setSizes([700, 290])
    before = splitter.sizes()
    splitter.parentWidget().resize(300, 200)
    settle()
    assert abs(splitter.sizes()[0] - splitter.sizes()[1]) <= 1
    splitter.parentWidget().resize(1000, 200)
    settle()
    assert splitter.sizes() == before
