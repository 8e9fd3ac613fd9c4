"""Logs opened one after the other leave nothing of the one before in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QLineEdit

from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.importers import import_texts
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
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
    while now != before:
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
    alone = window_on(qtbot, settings, log(second))
    expected = at_rest(qtbot, alone)
    after = window_on(qtbot, settings, log(first))
    disturb(after)
    after.document.open(log(second), None)
    assert at_rest(qtbot, after) == expected


def test_a_log_after_a_boot_looks_as_it_does_alone(qtbot: QtBot, settings: Settings) -> None:
    expected = at_rest(qtbot, window_on(qtbot, settings, log("k02-stolen-graphics")))
    after = window_on(qtbot, settings, open_scenario("lagging-ap"))
    disturb(after)
    after.document.open(log("k02-stolen-graphics"), None)
    assert at_rest(qtbot, after) == expected
