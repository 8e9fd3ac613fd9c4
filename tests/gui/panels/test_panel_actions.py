"""Keys that give the keyboard to a panel, and back to the map."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QTextBrowser

from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_kind import as_host

pytestmark = pytest.mark.gui

ALT = Qt.KeyboardModifier.AltModifier


def test_each_panel_comes_to_the_front_with_the_keyboard(bench, qtbot) -> None:
    for panel in bench.views.panels:
        bench.panel_actions[panel.name].trigger()
        qtbot.waitUntil(lambda view=panel.view: not view.visibleRegion().isEmpty())
        bench.panel_actions["map"].trigger()
        assert bench.views.map.map.canvas.hasFocus()


@pytest.mark.parametrize(("digit", "name"), [(Qt.Key.Key_4, "events"), (Qt.Key.Key_3, "timeline")])
def test_the_keyboard_goes_there_and_back(bench, qtbot, digit: Qt.Key, name: str) -> None:
    view = {panel.name: panel.view for panel in bench.views.panels}[name]
    qtbot.keyClick(bench.window, digit, ALT)
    QApplication.processEvents()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused is view or view.isAncestorOf(focused)
    qtbot.keyClick(bench.window, Qt.Key.Key_0, ALT)
    assert bench.views.map.map.canvas.hasFocus()


def test_no_two_have_the_same_key(bench) -> None:
    panels = [action.shortcut().toString() for action in bench.panel_actions.values()]
    others = [key.toString() for one in bench.actions.values() for key in one.shortcuts()]
    assert "" not in panels
    assert len(set(panels)) == len(panels)
    assert not set(panels) & set(others)


def test_menu_and_shortcut_sheet_list_them(bench) -> None:
    menu = bench.window.findChild(QMenu, "panel_menu")
    assert isinstance(menu, QMenu)
    assert [a.text() for a in menu.actions()][:2] == ["Map", "Registers"]
    bench.actions["show_shortcuts"].trigger()
    sheet = next(b for b in bench.window.findChildren(QTextBrowser) if "Alt+0" in b.toPlainText())
    assert "Trace check" in sheet.toPlainText()


def test_panels_of_guests_are_not_offered_on_a_host(bench) -> None:
    bench.document.open(as_host(open_scenario("small-machine")), None)
    assert not bench.panel_actions["zaps"].isVisible()
    assert bench.panel_actions["registers"].isVisible()
