"""Pictures of every view of the window: not empty, of the right size, in the view's colours."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QMenu

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.common.layout.panel import view_at
from mtrrviz.gui.export.render import render_window
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.scenario.library import open_scenario

pytestmark = pytest.mark.gui

VIEWS = (
    *("window", "map", "tables", "ranges", "differences", "results", "registers", "inspector"),
    *("timeline", "events", "zaps", "history", "problems", "published"),
)


def colours(image):
    across, down = range(0, image.width(), 2), range(0, image.height(), 2)
    return {image.pixelColor(x, y).name() for x in across for y in down}


def test_every_panel_is_a_view(bench):
    assert set(VIEWS) <= set(bench.exports.views)
    assert len(bench.exports.views) == 6 + len(bench.docks)


def test_each_view_makes_a_png_and_an_svg_of_its_size(bench, tmp_path):
    for view in VIEWS:
        png, svg = tmp_path / f"{view}.png", tmp_path / f"{view}.svg"
        bench.exports.save_picture(view, png)
        bench.exports.save_picture(view, svg)
        widget = view_at(bench.pictured[view])
        image, ratio = QImage(str(png)), widget.devicePixelRatioF()
        assert widget.isVisible()
        assert (image.width(), image.height()) == (widget.width() * ratio, widget.height() * ratio)
        assert len(colours(image)) > 3, view
        root = ET.parse(svg).getroot()
        assert root.get("width") == str(widget.width())
        assert sum(1 for _ in root.iter()) > 10, view


def test_the_colours_of_the_inspectors_table_are_those_of_the_types(bench, tmp_path):
    bench.views.inspector._scroll.ensureWidgetVisible(bench.views.inspector.pat_table)
    settle()
    bench.exports.save_picture("inspector", tmp_path / "x.png")
    found = colours(QImage(str(tmp_path / "x.png")))
    for kind in (MemoryType.WB, MemoryType.WT, MemoryType.UC):
        assert QColor(bench.bridge.theme.type_colour(kind)).name() in found


def test_the_view_in_hand_is_the_one_with_the_keyboard(qtbot, bench):
    bench.views.map.map.canvas.setFocus()
    assert bench.exports.view_in_hand == "map"
    bench.views.registers.deftype.setFocus()
    assert bench.exports.view_in_hand == "registers"
    bench.window.activateWindow()
    bench.actions["copy_picture"].trigger()
    image = QGuiApplication.clipboard().image()
    ratio = bench.views.registers.devicePixelRatioF()
    assert image.width() == bench.views.registers.width() * ratio


def test_without_a_view_in_hand_it_is_the_window(bench):
    focused = bench.window.focusWidget()
    if focused is not None:
        focused.clearFocus()
    bench.views.results.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    assert bench.exports.view_in_hand == "window"


def test_the_menu_lists_every_view(bench):
    (menu,) = [menu for menu in bench.window.findChildren(QMenu) if menu.title() == "Pict&ure of"]
    words = [action.text() for action in menu.actions()]
    assert len(words) == len(bench.exports.views)
    assert {"Inspector...", "Trace check...", "Window..."} <= set(words)


@pytest.mark.parametrize("view", ["problems", "ranges"])
def test_a_view_behind_a_tab_is_rendered_with_what_it_works_out(qtbot, tmp_path, view):
    scenario = open_scenario("small-machine")
    path = tmp_path / "x.png"
    render_window(scenario, None, 1_100_000_000, (1280, 800), "dark", path, view)
    assert len(colours(QImage(str(path)))) > 20


def test_an_unknown_view_is_refused_with_those_there_are(qtbot, tmp_path):
    scenario = open_scenario("small-machine")
    with pytest.raises(MtrrvizError, match="no view 'pink': there are window, map, tables"):
        render_window(scenario, None, 0, (1000, 640), "dark", tmp_path / "x.png", "pink")
    assert list(tmp_path.iterdir()) == []
