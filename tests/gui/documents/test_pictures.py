"""Pictures of views: not empty, of the right size, in exactly the colours of the view."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from base64 import b64decode

import pytest
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.common.looks.theme import THEMES
from mtrrviz.gui.common.plain_text import Label, window_title
from mtrrviz.gui.export.pictures import save_picture, widget_png, widget_svg
from mtrrviz.gui.map.map_view import MapView
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
WB_GFN, UC_GFN = 0x10, 0x85


@pytest.fixture
def bridge():
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    made = Bridge(document)
    yield made
    made.close()


@pytest.fixture
def shown(qtbot, bridge):
    """Return a function that shows a view of a document at a size."""

    def show(kind, size=(640, 460)):
        widget = kind(bridge)
        widget.resize(*size)
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        widget.grab()
        return widget

    return show


def drawn(path):
    """Return the picture of an SVG file as another program of shapes draws it."""
    renderer = QSvgRenderer(QByteArray(path.read_bytes()))
    assert renderer.isValid()
    image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    return image


def colours(image):
    xs, ys = range(image.width()), range(image.height())
    return {image.pixelColor(x, y).name() for x in xs for y in ys}


def at(view, image, gfn):
    centre = view.canvas.mapTo(view, view.canvas.rect_of(gfn).center())
    return image.pixelColor(centre)


@pytest.mark.parametrize("kind", [MapView, TimelineView])
@pytest.mark.parametrize("size", [(800, 460), (1150, 650)])
def test_a_png_is_what_the_view_shows(shown, tmp_path, kind, size):
    view = shown(kind, size)
    widget_png(view, tmp_path / "x.png")
    image = QImage(str(tmp_path / "x.png"))
    ratio = view.devicePixelRatioF()
    assert (image.width(), image.height()) == (size[0] * ratio, size[1] * ratio)
    assert image == view.grab().toImage().convertToFormat(image.format())


@pytest.mark.parametrize("theme", list(THEMES.values()), ids=list(THEMES))
def test_the_colours_of_memory_types_are_exact(shown, bridge, tmp_path, theme):
    view = shown(MapView)
    bridge.set_theme(theme)
    widget_png(view, tmp_path / "x.png")
    widget_svg(view, tmp_path / "x.svg")
    for image in (QImage(str(tmp_path / "x.png")), drawn(tmp_path / "x.svg")):
        assert at(view, image, WB_GFN) == QColor(theme.type_colour(MemoryType.WB))
        assert at(view, image, UC_GFN) == QColor(theme.type_colour(MemoryType.UC))


@pytest.mark.parametrize("kind", [MapView, TimelineView])
@pytest.mark.parametrize("size", [(800, 460), (1150, 650)])
def test_an_svg_has_the_size_of_the_view_in_pixels(shown, tmp_path, kind, size):
    widget_svg(shown(kind, size), tmp_path / "x.svg")
    root = ET.parse(tmp_path / "x.svg").getroot()
    assert root.tag == f"{SVG}svg"
    assert (root.get("width"), root.get("height")) == tuple(map(str, size))
    assert root.get("viewBox") == f"0 0 {size[0]} {size[1]}"
    image = drawn(tmp_path / "x.svg")
    assert (image.width(), image.height()) == size
    assert len(colours(image)) > 10


def test_words_stay_words_in_an_svg(shown, tmp_path):
    widget_svg(shown(TimelineView), tmp_path / "timeline.svg")
    widget_svg(shown(MapView), tmp_path / "map.svg")
    words = {
        name: " ".join(ET.parse(tmp_path / f"{name}.svg").getroot().itertext())
        for name in ("timeline", "map")
    }
    assert "vCPU 0" in words["timeline"]
    assert "MTRR setup" in words["timeline"]
    assert "EPT map" in words["map"]
    assert "First MiB" in words["map"]


def test_the_dots_of_the_map_are_one_image_in_an_svg(shown, tmp_path):
    view = shown(MapView)
    widget_svg(view, tmp_path / "x.svg")
    images = ET.parse(tmp_path / "x.svg").getroot().iter(f"{SVG}image")
    data = max((each.get(HREF, "") for each in images), key=len)
    assert data.startswith("data:image/png;base64,")
    dots = QImage.fromData(b64decode(data.partition(",")[2]))
    assert view.bridge.theme.type_colour(MemoryType.WB).lower() in colours(dots)
    assert (dots.width(), dots.height()) == view.canvas.frame.image.shape[::-1]


def test_a_picture_of_an_svg_is_close_to_the_view(shown, tmp_path):
    view = shown(TimelineView)
    widget_svg(view.canvas, tmp_path / "x.svg")
    there, here = drawn(tmp_path / "x.svg"), view.canvas.grab().toImage()
    points = [(x, y) for x in range(0, here.width(), 3) for y in range(0, here.height(), 3)]
    same = sum(there.pixelColor(x, y) == here.pixelColor(x, y) for x, y in points)
    assert same > 0.9 * len(points)


def test_a_view_without_size_is_refused(qtbot, tmp_path):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(0, 0)
    for name in ("x.png", "x.svg"):
        with pytest.raises(MtrrvizError, match="no size"):
            save_picture(widget, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.PNG", "x.SVG"])
def test_the_ending_picks_the_format(qtbot, tmp_path, name):
    widget = QLabel("words")
    qtbot.addWidget(widget)
    save_picture(widget, tmp_path / name)
    start = (tmp_path / name).read_bytes()[:5]
    assert start == (b"\x89PNG\r" if name == "x.PNG" else b"<?xml")


def test_another_ending_is_refused(qtbot, tmp_path):
    widget = QLabel("words")
    qtbot.addWidget(widget)
    with pytest.raises(MtrrvizError, match=r"\.png or \.svg"):
        save_picture(widget, tmp_path / "x.bmp")


def test_a_failure_leaves_the_old_picture(qtbot, tmp_path):
    widget = QLabel("words")
    qtbot.addWidget(widget)
    (tmp_path / "x.png").mkdir()
    with pytest.raises(OSError, match=r"x\.png"):
        save_picture(widget, tmp_path / "x.png")
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_an_svg_is_xml_whatever_a_file_says(qtbot, tmp_path):
    label = Label("\x1b[31m\x00\x01<b>x</b>\x7f\ufffe\uffff\u202e\x0b\td & e")
    label.setWindowTitle("[*]" + window_title("a\x08[*]<b") + "[*]")
    qtbot.addWidget(label)
    label.resize(400, 50)
    widget_svg(label, tmp_path / "x.svg")
    root = ET.parse(tmp_path / "x.svg").getroot()
    assert root.findtext(f"{SVG}title") == "a[*]<b"
    assert "<b>x</b>" in "".join(root.itertext())
