"""The gallery's pictures are what the map shows now of each built-in scenario, light and dark."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from mtrrviz.gui.common.looks.theme import THEMES, ThemeName
from mtrrviz.gui.compare.difference_canvas import DifferenceCanvas
from mtrrviz.gui.compare.side_by_side import ComparedCanvas
from mtrrviz.gui.documents.gallery import picture_path
from mtrrviz.gui.map.map_canvas import MapCanvas
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import builtin_paths, open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document
from tests.gui.golden.picture import boxes_font, compare

pytestmark = pytest.mark.gui

WIDTH, HEIGHT, GAP = 240, 150, 4
CANVASES = {
    MapMode.ONE: (MapCanvas,),
    MapMode.SIDE_BY_SIDE: (MapCanvas, ComparedCanvas),
    MapMode.DIFFERENCE: (DifferenceCanvas,),
}


@pytest.fixture
def without_words():
    """Captions are no higher than a pixel: at this size they could not be read."""
    usual, tiny = QApplication.font(), boxes_font()
    tiny.setPixelSize(1)
    QApplication.setFont(tiny)
    yield
    QApplication.setFont(usual)


def painted(document, theme, qtbot) -> QImage:
    """Return what the map shows of a document in a theme."""
    bridge = Bridge(document)
    bridge.set_theme(theme)
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(theme.window)
    kinds = CANVASES[document.map_mode]
    width = (WIDTH - GAP * (len(kinds) - 1)) // len(kinds)
    painter = QPainter(image)
    for column, kind in enumerate(kinds):
        canvas = kind(bridge)
        qtbot.addWidget(canvas)
        canvas.setFont(QApplication.font())
        canvas.setMinimumSize(1, 1)
        canvas.resize(width, HEIGHT)
        canvas.render(painter, QPoint(column * (width + GAP), 0))
    painter.end()
    bridge.close()
    return image


@pytest.mark.usefixtures("without_words")
@pytest.mark.parametrize("name", builtin_paths())
def test_a_picture_shows_the_scenario_as_it_opens_or_ends(qtbot, tmp_path, name):
    scenario = open_scenario(name)
    document = Document(scenario)
    if scenario.view.time_ns is None:
        document.set_playhead(scenario.duration_ns)
    for is_dark in (True, False):
        theme = THEMES[ThemeName.DARK if is_dark else ThemeName.LIGHT]
        kept = picture_path(name, is_dark=is_dark)
        compare(painted(document, theme, qtbot), name, tmp_path, kept.parent)


def test_no_picture_is_of_a_scenario_that_is_gone():
    for is_dark in (True, False):
        kept = picture_path("any", is_dark=is_dark).parent.glob("*.png")
        assert {path.stem for path in kept} == set(builtin_paths())
