"""Starting: the check of the parts, loading beside the frame, errors shown and survived."""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMessageBox

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.shell import error_report
from mtrrviz.gui.shell.app import check_parts
from mtrrviz.gui.shell.startup import Startup
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.gui.shell.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui


def started(name: str, settings: Settings, qtbot: QtBot) -> Startup:
    startup = Startup([name], settings)
    with qtbot.waitSignal(startup.ready, timeout=30_000):
        startup.begin()
    assert startup.window is not None
    qtbot.addWidget(startup.window)
    return startup


@pytest.fixture
def startups(settings: Settings, qtbot: QtBot) -> Iterator[list[Startup]]:
    made: list[Startup] = []
    yield made
    for startup in made:
        assert startup.window is not None
        startup.window.close()


@pytest.mark.parametrize(
    ("pyside", "python"), [("6.12.0", (3, 11)), ("6.13.1", (3, 11)), ("7.0.0", (3, 10))]
)
def test_the_pair_that_aborts_is_refused_by_name(pyside: str, python: tuple[int, int]) -> None:
    with pytest.raises(MtrrvizError, match=pyside) as refusal:
        check_parts(pyside, python)
    assert "Python 3.1" in str(refusal.value)


@pytest.mark.parametrize(("pyside", "python"), [("6.11.3", (3, 11)), ("6.12.0", (3, 12))])
def test_good_pairs_pass(pyside: str, python: tuple[int, int]) -> None:
    check_parts(pyside, python)


def test_the_window_opens_on_a_scenario(
    settings: Settings, qtbot: QtBot, startups: list[Startup]
) -> None:
    startup = started("small-machine", settings, qtbot)
    startups.append(startup)
    bench = startup.workbench
    assert bench is not None
    qtbot.waitUntil(lambda: bench.document.run is not None, timeout=30_000)
    assert bench.document.scenario.name == "small-machine"


def test_a_scenario_that_is_missing_is_told_and_the_sandbox_opens(
    settings: Settings, qtbot: QtBot, startups: list[Startup], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    startup = started("no-such-scenario", settings, qtbot)
    startups.append(startup)
    assert "no-such-scenario" in told[0]
    assert startup.workbench is not None
    assert startup.workbench.document.scenario.name == "sandbox"


def test_an_exception_nobody_caught_is_shown_with_a_report(
    monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    assert qapp is not None
    shown: list[str] = []
    monkeypatch.setattr(error_report, "show_report", lambda text, _parent: shown.append(text))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    error_report.install()
    try:
        raise RuntimeError("the unthinkable")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert "the unthinkable" in shown[0]
    assert "PySide6" in shown[0]
    assert "test_app.py" in shown[0]


def test_work_that_fails_is_reported_and_the_next_is_done(qtbot: QtBot) -> None:
    worker = Worker()
    errors: list[Exception] = []
    results: list[int] = []
    worker.run(lambda: 1 // 0, results.append, errors.append)
    worker.run(lambda: 7, results.append)
    qtbot.waitUntil(lambda: results == [7])
    assert isinstance(errors[0], ZeroDivisionError)
    worker.wait()


def test_an_error_that_nobody_asked_for_is_raised_in_the_window(qtbot: QtBot) -> None:
    worker = Worker()
    results: list[int] = []
    with qtbot.captureExceptions() as raised:
        worker.run(lambda: 1 // 0, results.append)
        worker.run(lambda: 7, results.append)
        qtbot.waitUntil(lambda: results == [7])
    assert [kind for kind, _, _ in raised] == [ZeroDivisionError]
    worker.wait()


def test_work_that_has_not_begun_is_dropped_when_the_window_goes(qtbot: QtBot) -> None:
    worker = Worker()
    second_is_asked = Event()
    outcomes: list[object] = []

    def close() -> str:
        second_is_asked.wait()
        # The thread cannot wait for itself; what has not begun is dropped before it tries.
        with suppress(RuntimeError):
            worker.wait()
        return "begun"

    worker.run(close, outcomes.append, outcomes.append)
    worker.run(lambda: "dropped", outcomes.append, outcomes.append)
    second_is_asked.set()
    qtbot.waitUntil(lambda: bool(outcomes))
    settle()
    assert outcomes == ["begun"]
