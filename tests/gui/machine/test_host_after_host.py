"""Logs opened one after the other leave nothing of the one before in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QLineEdit

from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.importers import import_texts
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document
from mtrrviz.session.wanted.wanted_edits import paint
from tests.importers.helpers import SAMPLES

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.scenario.model import Scenario

pytestmark = pytest.mark.gui


def log(name: str) -> Scenario:
    path = SAMPLES / "field" / f"{name}.txt"
    return import_texts([(path.name, path)]).scenario


def window_on(qtbot: QtBot, settings: Settings, scenario: Scenario) -> Workbench:
    window = MainWindow(settings)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    bench = Workbench(window, Document(scenario), Worker(window), settings)
    window.show()
    qtbot.waitExposed(window)
    settle()
    return bench


def shown(bench: Workbench) -> list[str]:
    """Return all that the window shows as text, sorted: docks change places when raised."""
    found: list[str] = [bench.window.windowTitle()]
    for kind in (QLabel, QLineEdit, QComboBox, QAbstractItemView):
        for widget in bench.window.findChildren(kind):
            if not widget.isVisible():
                continue
            if isinstance(widget, QAbstractItemView):
                found += [f"{widget.objectName()}: {cell}" for cell in cells(widget)]
            elif isinstance(widget, QComboBox):
                found.append(widget.currentText())
            else:
                found.append(widget.text())
    return sorted(found)


def at_rest(qtbot: QtBot, bench: Workbench) -> list[str]:
    """Return what is shown once it changes no more: panels catch up beside the window."""
    before: list[str] = []
    now = shown(bench)
    problems = bench.views.problems
    while now != before or (problems.isVisible() and not problems.summary.text()):
        qtbot.wait(200)
        before, now = now, shown(bench)
    return now


def cells(view: QAbstractItemView) -> list[str]:
    model = view.model()
    rows, columns = min(model.rowCount(), 50), model.columnCount()
    return [
        str(model.index(row, column).data()) for row in range(rows) for column in range(columns)
    ]


def disturb(bench: Workbench) -> None:
    """Select, scroll through time, and zoom the map, as a user who looks around does."""
    document = bench.document
    document.select_vcpu(document.scenario.machine.vcpus - 1)
    document.select_page(0xE0000)
    document.set_playhead(0)
    bench.views.map.map.canvas.zoom_in(0xE0000)
    document.set_marker("A", 1000)
    document.set_marker("B", 2000)
    bench.bridge.want(lambda: paint(document.wanted, [(0, 1 << 20)], MemoryType.WP))
    bench.views.map.show_mode(MapMode.SIDE_BY_SIDE)
    bench.bridge.message.emit("What was said of the machine before.")
    bench.docks["solve"].raise_()
    settle()
    bench.docks["problems"].raise_()
    settle()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("k01-uc-hole-over-wb", "k04-map-line"),
        ("k14-register-differs", "k11-tom2"),
        ("k04-map-line", "k14-register-differs"),
        ("k06-lost-ram", "k01-uc-hole-over-wb"),
    ],
)
def test_a_log_after_another_looks_as_it_does_alone(
    qtbot: QtBot, settings: Settings, first: str, second: str
) -> None:
    settings.tells_story = False  # which is told by itself the first time only
    alone = window_on(qtbot, settings, log(second))
    expected = at_rest(qtbot, alone)
    after = window_on(qtbot, settings, log(first))
    disturb(after)
    after.document.open(log(second), None)
    assert after.views.problems.problems == [], "nothing of the log before until rules have run"
    assert at_rest(qtbot, after) == expected
    assert after.document.marker("A") is None
    assert after.document.wanted == alone.document.wanted
    assert after.document.undo_label is None
    assert not after.follow_bar.is_active
    assert "before" not in after.window.statusBar().currentMessage()


def test_a_log_after_a_boot_looks_as_it_does_alone(qtbot: QtBot, settings: Settings) -> None:
    settings.tells_story = False  # which is told by itself the first time only
    alone = window_on(qtbot, settings, log("k02-stolen-graphics"))
    expected = at_rest(qtbot, alone)
    after = window_on(qtbot, settings, open_scenario("lagging-ap"))
    disturb(after)
    after.document.open(log("k02-stolen-graphics"), None)
    assert at_rest(qtbot, after) == expected
    assert after.document.marker("A") is None
    assert after.document.wanted == alone.document.wanted


def in_front(bench: Workbench) -> set[str]:
    return {name for name, dock in bench.docks.items() if not dock.visibleRegion().isEmpty()}


def test_problems_are_in_front_below_the_map_of_a_real_machine(
    qtbot: QtBot, settings: Settings
) -> None:
    bench = window_on(qtbot, settings, open_scenario("lagging-ap"))
    assert "timeline" in in_front(bench)
    bench.document.open(log("k06-lost-ram"), None)
    at_rest(qtbot, bench)
    assert "problems" in in_front(bench)
    bench.docks["events"].raise_()
    bench.document.open(log("k01-uc-hole-over-wb"), None)
    at_rest(qtbot, bench)
    assert "events" in in_front(bench), "what the user chose stays"
    bench.document.open(open_scenario("lagging-ap"), None)
    at_rest(qtbot, bench)
    assert "timeline" in in_front(bench)
