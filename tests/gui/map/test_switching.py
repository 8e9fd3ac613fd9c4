"""Switching policies while the simulation takes its time: progress is shown, input goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from mtrrviz.geometry.map import map_leaves
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from tests.session.slow_executor import SlowExecutor

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui


@pytest.fixture
def executor() -> SlowExecutor:
    return SlowExecutor()


@pytest.fixture
def bench(qtbot: QtBot, settings: Settings, executor: SlowExecutor) -> Workbench:
    window = MainWindow(settings)
    qtbot.addWidget(window)
    document = Document(open_scenario("small-machine"), executor=executor)
    made = Workbench(window, document, Worker(window), settings)
    window.show()
    executor.finish_all()
    return made


def is_busy(bench: Workbench) -> bool:
    labels = bench.window.statusBar().findChildren(QLabel)
    return any(label.text() == "Simulating..." for label in labels)


def test_the_window_answers_while_another_policy_is_simulated(
    bench: Workbench, executor: SlowExecutor, qtbot: QtBot
) -> None:
    document = bench.document
    document.set_policy("serialized")
    qtbot.waitUntil(lambda: is_busy(bench))
    bench.actions["to_end"].trigger()
    assert document.playhead_ns == document.duration_ns
    document.set_policy("cd-toggle")
    assert document.run is None
    executor.finish_all()
    assert document.run is not None
    assert document.run.policy.id == "cd-toggle"
    qtbot.waitUntil(lambda: not is_busy(bench))


def test_a_policy_that_was_simulated_before_is_back_at_once(
    bench: Workbench, executor: SlowExecutor
) -> None:
    before = bench.document.policy
    bench.document.set_policy("serialized")
    executor.finish_all()
    done = executor.done
    bench.document.set_policy(before)
    assert not bench.document.is_simulating
    assert (executor.done, executor.waiting) == (done, [])
    assert not is_busy(bench)


def test_what_takes_long_for_many_leaves_is_left_to_the_background(
    bench: Workbench, executor: SlowExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_leaves, "MANY", 0)
    document = bench.document
    document.set_policy("serialized")
    executor.finish_all()
    bench.window.grab()
    document.set_playhead(1_100_000_000)
    bench.window.grab()
    before = bench.views.map.map.canvas.grab().toImage()
    assert len(executor.waiting) == 1  # keyframes for the map
    executor.finish_all()
    bench.views.map.map.canvas.refresh()
    assert bench.views.map.map.canvas.grab().toImage() == before
