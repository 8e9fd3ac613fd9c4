"""The strip below a map that is zoomed in."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from mtrrviz.geometry.map.map_overview import Overview

pytestmark = pytest.mark.gui


@pytest.fixture
def view(bench):
    made = bench.views.map.map
    made.grab()
    return made


def zoom(view, gfn, times=4):
    for _ in range(times):
        view.canvas.zoom_in(gfn)
    view.grab()


def press(strip, x):
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(int(x), 8))


def test_it_is_there_only_while_the_map_is_zoomed_in(view):
    assert not view.overview.isVisible()
    zoom(view, 0x2100)
    assert view.overview.isVisible()
    view.canvas.fit()
    assert not view.overview.isVisible()


def test_it_shows_which_part_is_in_view(view):
    zoom(view, 0x2100)
    rect, line = view.overview.window_rect(), view.overview.overview
    shown = view.canvas.view
    assert rect.left() <= line.x_of(shown.first_gfn + shown.pages // 2) <= rect.right()
    QTest.keyClick(view.canvas, Qt.Key.Key_PageDown)
    assert view.overview.window_rect().left() > rect.left()
    assert "Page down" in view.overview.accessibleDescription()


def test_a_click_and_a_drag_move_the_view(view):
    zoom(view, 0x2100)
    strip, line = view.overview, view.overview.overview
    press(strip, line.x_of(0x10))
    assert view.canvas.view.first_gfn == 0
    x = int(line.x_of(0x2100))
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(0, 8))
    QTest.mouseMove(strip, QPoint(x, 8))
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, 8))
    shown = view.canvas.view
    assert shown.first_gfn <= line.gfn_at(x) < shown.end_gfn
    before = shown
    QTest.mouseMove(strip, QPoint(0, 8))
    assert view.canvas.view == before


def test_pages_and_pixels_are_each_others_inverse(view):
    bands = view.canvas.bands
    line = Overview.of(bands, 500)
    assert line.edges[-1] == pytest.approx(500)
    for band in bands:
        middle = (band.first_gfn + band.end_gfn) // 2
        assert abs(line.gfn_at(line.x_of(middle)) - middle) <= 1
    assert line.gfn_at(-5) == bands[0].first_gfn
    assert line.gfn_at(900) == bands[-1].end_gfn - 1


def test_the_tip_names_what_lies_there(view):
    zoom(view, 0x2100)
    x = int(view.overview.overview.x_of(0xA8))
    assert "Click or drag to look there" in view.overview.tip_at(QPoint(x, 5))
