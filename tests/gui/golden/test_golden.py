"""Map and timeline look as they did: small pictures of both, kept beside this file."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from mtrrviz.gui.common.looks.theme import THEMES, ThemeName
from mtrrviz.gui.map.map_canvas import MapCanvas
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.timeline.canvas import TimelineCanvas
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from tests.gui.golden.picture import HERE, boxes_font, compare, problem_of

pytestmark = pytest.mark.gui

SIZES = {MapCanvas: (360, 240), TimelineCanvas: (480, 160)}
MOMENTS = {
    "small-machine": 1_100_000_000,
    "ap-only-change": 1_000_000_000,
    "wb-under-cd": 1_000_000_000,
    "kvm-and-manual": 2_000_000_000,
    "ovmf-8vcpu-2g": 900_000_000,
}
CASES = [
    *((kind, scenario, ThemeName.DARK) for kind in SIZES for scenario in MOMENTS),
    *((kind, "small-machine", theme) for kind in SIZES for theme in ThemeName if theme in THEMES),
]


@pytest.fixture
def picture(qtbot):
    """Return a function that paints a view of a scenario in a theme."""
    made = []
    usual = QApplication.font()
    QApplication.setFont(boxes_font())

    def paint(kind, scenario, theme):
        document = Document(open_scenario(scenario))
        document.set_playhead(min(MOMENTS[scenario], document.duration_ns))
        bridge = Bridge(document)
        made.append(bridge)
        bridge.set_theme(theme)
        view = kind(bridge)
        view.setFont(boxes_font())
        view.resize(*SIZES[kind])
        qtbot.addWidget(view)
        view.show()
        qtbot.waitExposed(view)
        return view.grab().toImage()

    yield paint
    for bridge in made:
        bridge.close()
    QApplication.setFont(usual)


@pytest.mark.parametrize(("kind", "scenario", "theme"), dict.fromkeys(CASES))
def test_a_view_looks_as_it_is_kept(picture, tmp_path, kind, scenario, theme):
    name = name_of(kind, scenario, theme)
    compare(picture(kind, scenario, THEMES[theme]), name, tmp_path)


def name_of(kind, scenario, theme):
    view = kind.__name__.removesuffix("Canvas")
    return f"{view}-{scenario}-{theme}".lower().replace(" ", "-")


def test_the_same_view_painted_twice_is_the_same(picture):
    first, second = (picture(MapCanvas, "small-machine", THEMES[ThemeName.DARK]) for _ in range(2))
    assert problem_of(first, second) == ""


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        *((MapCanvas, "panel"), (MapCanvas, "types")),
        *((TimelineCanvas, "panel"), (TimelineCanvas, "vcpus")),
    ],
)
def test_a_colour_that_changes_is_noticed(picture, kind, changed):
    dark = THEMES[ThemeName.DARK]
    others = {
        "panel": shifted(dark.panel),
        "types": {number: shifted(colour) for number, colour in dark.types.items()},
        "vcpus": tuple(map(shifted, dark.vcpus)),
    }
    theme = replace(dark, **{changed: others[changed]})
    assert "pixels differ" in problem_of(picture(kind, "small-machine", theme), kept(kind))


def test_one_cell_of_another_type_is_noticed(picture):
    """The body of the smallest cell there is."""
    image = picture(MapCanvas, "small-machine", THEMES[ThemeName.DARK])
    left, top = image.width() // 2, image.height() // 2
    for x in range(left, left + 3):
        for y in range(top, top + 3):
            image.setPixelColor(x, y, shifted(image.pixelColor(x, y).name()))
    assert problem_of(image, kept(MapCanvas)).startswith("9 pixels differ")


def test_another_size_and_a_missing_picture_are_problems():
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    assert "10 x 10" in problem_of(image, kept(MapCanvas))
    assert problem_of(image, QImage())


def shifted(colour):
    """Return a colour a little lighter or darker, as #rrggbb."""
    channels = (QColor(colour).red(), QColor(colour).green(), QColor(colour).blue())
    return QColor(*(c + 20 if c < 128 else c - 20 for c in channels)).name()


def kept(kind):
    return QImage(str(HERE / f"{name_of(kind, 'small-machine', ThemeName.DARK)}.png"))
