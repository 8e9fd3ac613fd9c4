"""Tab goes through the window from top to bottom, and every stop is seen and shows it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QTextBrowser, QWidget

from mtrrviz.gui.shell.arrangement.tab_order import is_seen
from mtrrviz.gui.shell.workbench import settle
from tests.gui.all_views.test_accessible_names import OPENED_BY, is_stop
from tests.gui.every_panel import with_every_panel

pytestmark = pytest.mark.gui

#: More stops than this nobody wants to go through to come back.
MOST_STOPS = 70
#: Kinds of widgets and of what they are in, seen to show that they have the keyboard.
SHOWING: set[tuple[type, type]] = set()


def focused() -> QWidget:
    """Return what has the keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


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
        assert is_seen(focus), focus
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


def shown_by_focus(stop):
    """Whether a part of a window looks different with the keyboard."""
    window = stop.window()
    place = QRect(stop.mapTo(window, QPoint(0, 0)), stop.size()).adjusted(-2, -2, 2, 2)
    settle(1)
    with_focus = window.grab(place).toImage()
    stop.clearFocus()
    settle(1)
    without = window.grab(place).toImage()
    stop.setFocus(Qt.FocusReason.TabFocusReason)
    return with_focus != without


def is_known_to_show(stop):
    """Whether a stop shows that it has the keyboard; one of each kind and parent is looked at."""
    kind = type(stop), type(stop.parentWidget())
    if kind not in SHOWING and shown_by_focus(stop):
        SHOWING.add(kind)
    return kind in SHOWING


def gone_through(bench, part):
    """Go through a part with Tab, in and out at its end; return its stops, and those not seen."""
    every = bench.tab_order.stops()
    first = next(number for number, stop in enumerate(every) if part.isAncestorOf(stop))
    every[first - 1].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(every[first - 1], Qt.Key.Key_Tab)
    stops: list[QWidget] = []
    unseen: list[str] = []
    while part.isAncestorOf(at := focused()):
        assert not stops or at is not stops[0], "nothing but the part itself comes after it"
        if not stops or at is not stops[-1]:
            stops.append(at)
            if not is_known_to_show(at):
                unseen.append(f"{type(at).__name__} {at.accessibleName()}")
        else:
            assert isinstance(at, QTextBrowser), at  # from link to link
        QTest.keyClick(at, Qt.Key.Key_Tab)
        assert len(stops) <= MOST_STOPS
    QTest.keyClick(focused(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is stops[-1]
    return stops, unseen


def test_every_panel_is_gone_through_and_left_and_its_stops_are_seen(class_bench, qtbot):
    class_bench.window.activateWindow()
    qtbot.waitUntil(class_bench.window.isActiveWindow)
    gone, hidden = {}, {}
    for panel in class_bench.views.panels:
        class_bench.bring_up(panel.name)
        settle()
        gone[panel.name], hidden[panel.name] = gone_through(
            class_bench, class_bench.docks[panel.name]
        )
    tabs = class_bench.views.map.tabs
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        settle()
        if tabs.isTabVisible(number):
            name = tabs.tabText(number)
            gone[name], hidden[name] = gone_through(class_bench, tabs)
    assert len(gone) > len(class_bench.views.panels)
    assert {name for name, stops in gone.items() if not stops} == set()
    assert {name: stops for name, stops in hidden.items() if stops} == {}


@pytest.mark.parametrize("action", OPENED_BY)
def test_every_dialog_is_gone_through_and_its_stops_are_seen(class_bench, qtbot, action):
    class_bench.actions[action].trigger()
    settle()
    (dialog,) = (d for d in class_bench.window.findChildren(QDialog) if d.isVisible())
    try:
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        first = focused()
        stops, unseen = [first], list[str]()
        while len(stops) <= MOST_STOPS:
            at = focused()
            assert dialog.isAncestorOf(at)
            if not is_known_to_show(at):
                unseen.append(f"{type(at).__name__} {at.accessibleName()}")
            QTest.keyClick(at, Qt.Key.Key_Tab)
            if QApplication.focusWidget() is first:
                break
            stops.append(focused())
        missed = [w for w in dialog.findChildren(QWidget) if is_stop(w, dialog) and w not in stops]
        missed = [w for w in missed if w.isEnabled() and w.focusProxy() is None]
        assert [(type(w).__name__, w.accessibleName()) for w in missed] == []
        assert unseen == []
        assert len(stops) == len(set(stops)) <= MOST_STOPS
    finally:
        dialog.reject()
        settle()


def test_no_table_keeps_tab_to_itself(bench):
    tables = with_every_panel(bench).window.findChildren(QAbstractItemView)
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
    hidden = []

    def look(stop):
        if not shown_by_focus(stop):
            hidden.append(f"{type(stop).__name__} {stop.accessibleName()}")

    assert len(walk(active, look=look)) > 30
    assert not hidden
