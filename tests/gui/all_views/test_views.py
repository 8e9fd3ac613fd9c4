"""A panel in the list of views is all that a window needs to have it everywhere."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from mtrrviz.gui.common.layout.panel import Panel
from mtrrviz.gui.shell import workbench
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.views import Views
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.lessons.panel_names import PANELS
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_kind import as_host
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


class MoreViews(Views):
    """The views, and one panel more."""

    def __init__(self, bridge, worker):
        super().__init__(bridge, worker)
        self.panels = (*self.panels, Panel("notes", "Notes", QWidget, is_guest_only=True))


def shown(qtbot, settings):
    """Return a new window."""
    window = MainWindow(settings)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    made = workbench.Workbench(
        window, Document(open_scenario("small-machine")), Worker(window), settings
    )
    window.show()
    qtbot.waitExposed(window)
    return made


@pytest.fixture
def bench(qtbot, settings, monkeypatch):
    monkeypatch.setattr(workbench, "Views", MoreViews)
    return shown(qtbot, settings)


def menu(bench, title):
    bar = bench.window.menuBar()
    return next(action.menu() for action in bar.actions() if action.text() == title)


def test_another_panel_has_a_dock_a_line_in_the_menu_and_a_picture(bench):
    dock = bench.docks["notes"]
    assert dock.windowTitle() == "Notes"
    assert dock in bench.window.tabifiedDockWidgets(bench.docks["timeline"])
    assert dock.toggleViewAction() in menu(bench, "&View").actions()
    assert dock.isAncestorOf(bench.pictured["notes"])
    assert "notes" in bench.exports.views


def test_it_can_be_brought_up_and_rests_while_covered(bench, qtbot):
    view = bench.pictured["notes"]
    qtbot.waitUntil(lambda: not view.isVisible())
    bench.bring_up("notes")
    qtbot.waitUntil(view.isVisible)


def test_it_steps_aside_on_a_real_machine(bench):
    bench.document.open(as_host(bench.document.scenario), None)
    assert bench.docks["notes"].isHidden()


def test_every_panel_that_a_lesson_may_name_is_there(bench):
    assert set(PANELS) <= set(bench.views.pictured)


def test_a_panel_is_made_when_it_is_first_seen_or_asked_for(bench, qtbot):
    made = {panel.name for panel in bench.views.panels if panel.is_made}
    assert {"registers", "inspector", "timeline"} <= made
    assert not made & {"notes", "events", "zaps", "solve", "sweep", "model"}
    panel, told = bench.views.panel("notes"), []
    panel.when_made(told.append)
    assert not told
    bench.bring_up("notes")
    qtbot.waitUntil(lambda: panel.is_made)
    assert told == [panel.view]
    panel.when_made(told.append)
    assert told == [panel.view] * 2
    assert panel.body.isAncestorOf(panel.view)
    assert panel.view.size() == panel.body.size()
    assert not bench.views.panel("events").is_made
    assert bench.views.events is bench.views.panel("events").view


def test_a_panel_of_another_session_in_front_is_made_with_the_window(qtbot, settings):
    """Which tab lies in front is kept with the layout."""
    first = shown(qtbot, settings)
    first.bring_up("zaps")
    qtbot.waitUntil(lambda: first.views.panel("zaps").is_made)
    first.window.close()
    second = shown(qtbot, settings).views
    qtbot.waitUntil(lambda: second.panel("zaps").is_made)
    assert not second.panel("faults").is_made
