"""A small window, or one with large text, gives up what matters least, and never the map."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QTabBar

from mtrrviz.geometry.map.map_bands import BandKind
from mtrrviz.gui.common.layout.giving_row import GivingRow
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.shell.arrangement.economy import Kept, Needs, kept_parts
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui

#: What is left of 1280x800, 1600x900 and 1920x1080 screens at 150 and 200 %, and of 1024x768.
SMALL = [(853, 500), (640, 368), (1066, 568), (800, 418), (960, 508), (1024, 736)]
ROOMY = Needs(1600, 1000, line=16, char=7, fixed=100, settings=30, results=50, story=70)


def needs_of_height(height: int, **others: bool) -> Needs:
    return replace(ROOMY, height=height, **others)


def test_a_large_window_shows_everything():
    assert kept_parts(ROOMY) == Kept()


def test_parts_go_in_the_order_of_what_matters_least():
    gone: list[str] = []
    for height in range(1000, 300, -1):
        kept = kept_parts(needs_of_height(height))
        for part in ("settings", "results", "story", "below"):
            if not getattr(kept, part) and part not in gone:
                gone.append(part)
            assert getattr(kept, part) != (part in gone)  # nothing comes back as it shrinks
    assert gone == ["results", "story", "below", "settings"]


def test_a_story_that_was_asked_for_stays():
    for height in range(1000, 300, -10):
        assert kept_parts(needs_of_height(height, must_tell=True)).story


def test_a_narrow_window_has_one_column_beside_the_map():
    assert not kept_parts(replace(ROOMY, width=900)).right
    assert kept_parts(replace(ROOMY, width=900)).below


def test_larger_text_counts_as_a_smaller_window():
    assert not kept_parts(replace(ROOMY, line=32, char=14)).below


@pytest.fixture
def make(qtbot, settings):
    windows = []

    def open_window(size):
        window = MainWindow(settings)
        window.resize(*size)
        bench = Workbench(window, Document(open_scenario("ovmf-8vcpu-2g")), Worker(), settings)
        qtbot.addWidget(window)
        window.show()
        settle()
        windows.append(window)
        return bench

    yield open_window
    for window in windows:
        window.close()


def ram_px(bench):
    placed = bench.views.map.map.canvas.layout_shown.placed
    return max(item.grid.height for item in placed if item.band.kind is BandKind.AREA)


@pytest.mark.parametrize("size", SMALL)
def test_the_map_and_its_ram_are_seen(make, size):
    bench = make(size)
    window, canvas = bench.window, bench.views.map.map.canvas
    assert (window.width(), window.height()) == size
    corner = canvas.mapTo(window, QPoint(canvas.width(), canvas.height()))
    assert corner.x() <= window.width()
    assert corner.y() <= window.statusBar().y()
    assert ram_px(bench) >= 40


@pytest.mark.parametrize("size", SMALL)
def test_no_button_is_squeezed_and_none_is_outside(make, size):
    window = make(size).window
    for button in window.findChildren(QAbstractButton):
        if not button.isVisible() or not button.text() or button.visibleRegion().isEmpty():
            continue
        words = button.fontMetrics().horizontalAdvance(button.text().replace("&", ""))
        assert button.width() >= words, button.text()
    for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if bar.isVisible() and bar.count():
            assert window.rect().contains(bar.geometry())
            assert bar.elideMode() is Qt.TextElideMode.ElideNone


def test_all_panels_can_be_reached_in_a_small_window(make):
    bench = make((640, 368))
    for name, dock in bench.docks.items():
        bench.bring_up(name)
        settle()
        assert not dock.visibleRegion().isEmpty(), name
        assert bench.window.rect().contains(dock.geometry()), name


def test_docks_come_back_where_they_were(make):
    bench = make((1280, 800))
    areas = {n: bench.window.dockWidgetArea(dock) for n, dock in bench.docks.items()}
    bench.docks["sweep"].close()
    bench.window.resize(800, 418)
    settle()
    assert bench.window.dockWidgetArea(bench.docks["timeline"]) is not areas["timeline"]
    assert bench.docks["sweep"].isHidden()
    bench.window.resize(1280, 800)
    settle()
    assert {n: bench.window.dockWidgetArea(dock) for n, dock in bench.docks.items()} == areas
    assert bench.docks["sweep"].isHidden()


def test_a_layout_folded_when_closed_is_kept_unfolded(make):
    first = make((800, 418))
    first.window.close()
    second = make((800, 418))
    second.window.resize(1400, 900)
    settle()
    area = second.window.dockWidgetArea
    assert area(second.docks["timeline"]) is Qt.DockWidgetArea.BottomDockWidgetArea
    assert area(second.docks["inspector"]) is Qt.DockWidgetArea.RightDockWidgetArea


def test_a_row_leaves_out_the_highest_rank_first(qtbot):
    row = GivingRow()
    qtbot.addWidget(row)
    labels = [Label("words of some length") for _ in range(3)]
    for rank, label in enumerate(labels):
        row.add(label, rank=rank)
    row.resize(row.sizeHint())
    row.show()
    assert [label.isHidden() for label in labels] == [False, False, False]
    row.resize(row.sizeHint().width() - 4, row.height())
    assert [label.isHidden() for label in labels] == [False, False, True]
    row.resize(row.minimumSizeHint())
    assert [label.isHidden() for label in labels] == [False, True, True]
    row.want(labels[0], wanted=False)
    assert labels[0].isHidden()
