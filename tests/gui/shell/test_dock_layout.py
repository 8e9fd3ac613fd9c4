"""Docks take their share of the window, and make room for the timelines of two policies."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QTabBar

from mtrrviz.gui.shell.arrangement.dock_layout import first_sizes
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


@pytest.fixture
def make(qtbot, settings):
    windows = []
    settings.tells_story = False  # which takes room of its own the first time

    def open_window(size=(1280, 800)):
        window = MainWindow(settings)
        window.resize(*size)
        bench = Workbench(window, Document(open_scenario("small-machine")), Worker(), settings)
        qtbot.addWidget(window)
        window.show()
        settle()
        windows.append(window)
        return bench

    yield open_window
    for window in windows:
        window.close()


def resized(bench, width, height):
    bench.window.resize(width, height)
    settle()


def below(bench):
    """Return the height of the timeline's dock with its row of tabs."""
    dock = bench.docks["timeline"]
    bars = bench.window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return dock.height() + max(bar.height() for bar in bars if bar.isVisible() and bar.count())


def sizes(bench):
    registers, inspector = bench.docks["registers"], bench.docks["inspector"]
    return registers.width(), inspector.width(), below(bench)


def rows_of_tabs(bench):
    """Return the rows of tabs that are shown, each by its first tab."""
    bars = bench.window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return sorted(bar.tabText(0) for bar in bars if bar.isVisible() and bar.count())


def test_each_group_of_docks_has_one_row_of_tabs(make, qtbot):
    bench = make()
    qtbot.waitUntil(lambda: rows_of_tabs(bench) == ["Inspector", "Timeline"])
    bench.reset_layout()
    settle()
    qtbot.waitUntil(lambda: rows_of_tabs(bench) == ["Inspector", "Timeline"])


def test_docks_grow_with_the_window_and_come_back(make):
    bench = make()
    before = sizes(bench)
    resized(bench, 1920, 1080)
    expected = first_sizes(QSize(1920, 1080), two_maps=False)
    assert sizes(bench) == pytest.approx(expected, abs=3)
    resized(bench, 1280, 800)
    assert sizes(bench) == pytest.approx(before, abs=3)


def test_what_the_user_changed_stays_in_proportion(make):
    bench = make()
    bench.window.resizeDocks([bench.docks["timeline"]], [300], Qt.Orientation.Vertical)
    settle()
    assert below(bench) == pytest.approx(300, abs=2)
    for height in range(800, 1081, 4):  # as a slow drag of the window's corner
        resized(bench, 1280, height)
    assert below(bench) == pytest.approx(300 * 1080 / 800, abs=6)


def test_two_maps_make_room_for_two_tracks_and_give_it_back(make):
    bench = make()
    before = below(bench)
    bench.views.map.show_mode(MapMode.DIFFERENCE)
    settle()
    wanted = first_sizes(QSize(1280, 800), two_maps=True)[2]
    assert below(bench) == pytest.approx(wanted, abs=3)
    assert below(bench) > before
    bench.views.map.show_mode(MapMode.ONE)
    settle()
    assert below(bench) == pytest.approx(before, abs=2)


def test_a_kept_layout_comes_back_as_it_was(make):
    first = make()
    first.window.resizeDocks([first.docks["timeline"]], [330], Qt.Orientation.Vertical)
    settle()
    kept = first.views.map.height()
    first.window.close()
    assert make().views.map.height() == pytest.approx(kept, abs=1)


@pytest.mark.parametrize("mode", MapMode)
def test_everything_fits_the_smallest_window(make, mode):
    bench = make((1000, 640))
    bench.views.map.show_mode(mode)
    settle()
    assert (bench.window.width(), bench.window.height()) == (1000, 640)
    assert bench.views.map.tabs.tabBar().sizeHint().width() <= bench.views.map.tabs.width()
    for button in bench.views.map.map.modes.findChildren(
        type(bench.views.map.map.modes.button(mode))
    ):
        assert button.width() >= button.sizeHint().width()
