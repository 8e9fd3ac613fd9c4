"""Tab goes through the window from top to bottom, and every stop is seen and shows it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTextBrowser

from mtrrviz.gui.shell.workbench import settle

pytestmark = pytest.mark.gui

#: More stops than this nobody wants to go through to come back.
MOST_STOPS = 70


def walk(bench, *, back=False, look=lambda _stop: None):
    """Return where Tab stops from the start on until it is back there; ``look`` at each."""
    start = bench.views.transport
    bench.tab_order.stops()[0].setFocus()
    assert start.isAncestorOf(QApplication.focusWidget())
    stops = [QApplication.focusWidget()]
    modifier = Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier
    while len(stops) <= MOST_STOPS:
        at = QApplication.focusWidget()
        assert at is not None
        QTest.keyClick(at, Qt.Key.Key_Tab, modifier)
        focus = QApplication.focusWidget()
        if focus is stops[0]:
            return stops
        if focus is stops[-1] and isinstance(focus, QTextBrowser):
            continue  # from link to link
        look(focus)
        assert focus not in stops, focus
        assert not focus.visibleRegion().isEmpty(), focus
        stops.append(focus)
    pytest.fail(f"not back after {MOST_STOPS} stops")


@pytest.fixture
def active(bench, qtbot):
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.isActiveWindow)
    return bench


def test_tab_comes_back_and_shift_tab_goes_the_other_way(active):
    forth, back = walk(active), walk(active, back=True)
    assert [forth[0], *reversed(forth[1:])] == back


def test_the_parts_come_in_their_order(active):
    views = active.views
    parts = [views.transport, views.settings_bar, views.map, views.registers]
    parts += [views.inspector, views.timeline]
    stops = walk(active)
    firsts = [next(i for i, s in enumerate(stops) if part.isAncestorOf(s)) for part in parts]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize("name", ["events", "zaps", "problems", "published", "model", "solve"])
def test_every_panel_can_be_gone_through(active, name):
    active.bring_up(name)
    settle()
    assert any(active.docks[name].isAncestorOf(stop) for stop in walk(active))


def test_no_table_keeps_tab_to_itself(bench):
    tables = bench.window.findChildren(QAbstractItemView)
    assert len(tables) > 8
    assert not [t.accessibleName() for t in tables if t.tabKeyNavigation()]


def test_the_ranges_are_left_with_one_tab(active):
    ranges = active.views.map.ranges
    active.views.map.tabs.setCurrentWidget(ranges)
    settle()
    ranges.table.setFocus()
    ranges.table.setCurrentIndex(ranges.table.model().index(0, 0))
    QTest.keyClick(ranges.table, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not ranges.table


def test_every_stop_shows_that_it_has_the_keyboard(active):
    window = active.window
    hidden = []

    def look(stop):
        settle(1)
        place = QRect(stop.mapTo(window, QPoint(0, 0)), stop.size()).adjusted(-2, -2, 2, 2)
        with_focus = window.grab(place).toImage()
        stop.clearFocus()
        settle(1)
        if window.grab(place).toImage() == with_focus:
            hidden.append(f"{type(stop).__name__} {stop.accessibleName()}")
        stop.setFocus(Qt.FocusReason.TabFocusReason)

    assert len(walk(active, look=look)) > 30
    assert not hidden
