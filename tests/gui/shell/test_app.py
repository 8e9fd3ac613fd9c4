"""Starting: the check of the parts, loading beside the frame, errors shown and survived."""

from __future__ import annotations

from contextlib import suppress
from threading import Event
from time import sleep
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMessageBox

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.shell.start import startup as startup_module
from mtrrviz.gui.shell.start.app import check_parts
from mtrrviz.gui.shell.start.startup import Startup
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.paths import resources_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui


def started(name: str, settings: Settings, qtbot: QtBot) -> Startup:
    startup = Startup([name] if name else [], settings)
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


def test_a_lesson_opens_by_its_file(
    settings: Settings, qtbot: QtBot, startups: list[Startup]
) -> None:
    name = str(resources_dir() / "lessons" / "variable-ranges.md")
    startups.append(startup := started(name, settings, qtbot))
    bench = startup.workbench
    assert bench is not None
    lesson = bench.lessons.lesson
    assert lesson is not None
    assert lesson.lesson.name == "variable-ranges"
    qtbot.waitUntil(lambda: not lesson.is_opening, timeout=30_000)
    assert bench.document.scenario.name == "empty-machine"


def test_a_new_user_sees_the_tour_once(
    settings: Settings, qtbot: QtBot, startups: list[Startup], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup_module, "TOUR_MS", 0)
    startups.append(startup := started("", settings, qtbot))
    bench = startup.workbench
    assert bench is not None
    qtbot.waitUntil(lambda: bench.lessons.lesson is not None, timeout=30_000)
    assert settings.knows_tour
    bench.lessons.leave()
    startups.append(again := started("", settings, qtbot))
    qtbot.wait(50)
    assert again.workbench is not None
    assert again.workbench.lessons.lesson is None


def test_who_opens_a_scenario_sees_no_tour(
    settings: Settings, qtbot: QtBot, startups: list[Startup], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup_module, "TOUR_MS", 0)
    startups.append(startup := started("small-machine", settings, qtbot))
    qtbot.wait(50)
    assert startup.workbench is not None
    assert startup.workbench.lessons.lesson is None
    assert not settings.knows_tour


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


def test_with_pauses_work_begins_once_the_result_before_it_is_handed_over(qtbot: QtBot) -> None:
    worker = Worker(pauses=True)
    begun: list[int] = []
    begun_at_results: list[list[int]] = []

    def note(_result: object) -> None:
        if len(begun_at_results) < 2:  # of what follows from a result it is the same
            worker.run(lambda: begun.append(len(begun)), note)
        sleep(0.05)
        begun_at_results.append(begun[:])

    for number in range(3):
        worker.run(lambda n=number: begun.append(n), note)
    qtbot.waitUntil(lambda: len(begun_at_results) == 5)
    assert begun_at_results == [[*range(many)] for many in range(1, 6)]
    worker.wait()


def test_without_pauses_no_work_waits_for_the_window() -> None:
    worker, done = Worker(), Event()
    worker.run(int, lambda _: None)
    worker.run(done.set, lambda _: None)
    assert done.wait(10)
    worker.wait()


@pytest.mark.parametrize("pauses", [True, False])
def test_all_work_is_done_when_it_is_waited_for(qtbot: QtBot, pauses: bool) -> None:
    worker = Worker(pauses=pauses)
    done: list[int] = []
    results: list[object] = []
    for number in range(3):
        worker.run(lambda n=number: done.append(n), results.append)
    assert worker.finish()
    assert done == [0, 1, 2]
    qtbot.waitUntil(lambda: len(results) == 3)
    assert not worker.finish()
    worker.wait()


@pytest.mark.parametrize("pauses", [True, False])
def test_work_that_has_not_begun_is_dropped_when_the_window_goes(
    qtbot: QtBot, pauses: bool
) -> None:
    worker = Worker(pauses=pauses)
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
