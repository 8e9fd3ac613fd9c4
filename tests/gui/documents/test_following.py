"""Following a trace in the window: from the menu, from the report, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMessageBox

from mtrrviz.cli import main
from mtrrviz.gui.documents.import_dialog import ImportDialog
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.start.startup import Startup
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from tests.importers.traces.test_follow import append, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtrrviz.gui.documents.trace_following._POLL_MS", 10)
    discard = QMessageBox.StandardButton.Discard
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: discard)


@pytest.fixture
def bench(qtbot: QtBot, settings: Settings) -> Iterator[Workbench]:
    window = MainWindow(settings)
    qtbot.addWidget(window)
    window.show()
    worker = Worker(window)
    document = Document(open_scenario("small-machine"), executor=worker.run)
    bench = Workbench(window, document, worker, settings)
    yield bench
    bench.follow_bar.stop()
    worker.wait()


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "boot.txt"
    path.write_text(write(6, 100) + write(0xC06, 101))
    return path


def values(bench: Workbench) -> list[int]:
    return [e.value for e in bench.document.scenario.events if e.origin == "guest"]


def follow(bench: Workbench, trace: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "mtrrviz.gui.documents.open_save.QFileDialog.getOpenFileName"
    monkeypatch.setattr(name, lambda *_: (str(trace), ""))
    bench.actions["follow_file"].trigger()
    qtbot.waitUntil(lambda: bench.follow_bar.is_active)


def test_a_trace_grows_in_the_window_until_it_is_stopped(
    bench: Workbench, trace: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not bench.actions["stop_following"].isEnabled()
    follow(bench, trace, qtbot, monkeypatch)
    qtbot.waitUntil(lambda: values(bench) == [6, 0xC06])
    append(trace, write(0, 102))
    qtbot.waitUntil(lambda: values(bench) == [6, 0xC06, 0])
    assert bench.follow_bar.isVisible()
    qtbot.waitUntil(lambda: "3 lines" in bench.follow_bar.words.text())
    bench.actions["stop_following"].trigger()
    assert not bench.follow_bar.isVisible()
    assert "followed no longer" in bench.window.statusBar().currentMessage()
    assert values(bench) == [6, 0xC06, 0]


def test_an_edit_stops_it_and_says_so(
    bench: Workbench, trace: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(bench, trace, qtbot, monkeypatch)
    qtbot.waitUntil(lambda: len(values(bench)) == 2)
    bench.document.apply(attach_dma(bench.document.scenario, 5))
    assert not bench.follow_bar.is_active
    assert "You edited the scenario" in bench.window.statusBar().currentMessage()
    assert not bench.actions["stop_following"].isEnabled()


def test_an_empty_trace_is_waited_for(
    bench: Workbench, trace: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace.write_text("")
    follow(bench, trace, qtbot, monkeypatch)
    assert bench.follow_bar.words.text() == "Waiting for the first event in boot.txt"
    assert bench.document.scenario.name == "small-machine"
    append(trace, write(6, 100))
    qtbot.waitUntil(lambda: values(bench) == [6])


def test_a_file_just_opened_is_followed_from_its_report(
    bench: Workbench, trace: Path, qtbot: QtBot
) -> None:
    bench.files.open(str(trace))
    qtbot.waitUntil(lambda: bool(bench.window.findChildren(ImportDialog)))
    [dialog] = bench.window.findChildren(ImportDialog)
    assert dialog.follow_button.isEnabled()
    dialog.follow_button.click()
    qtbot.waitUntil(lambda: bench.follow_bar.is_active)
    append(trace, write(0, 102))
    qtbot.waitUntil(lambda: values(bench) == [6, 0xC06, 0])


def test_a_dump_cannot_be_followed_from_its_report(
    bench: Workbench, tmp_path: Path, qtbot: QtBot
) -> None:
    dump = tmp_path / "dump.txt"
    dump.write_text("0x2ff c06\n")
    bench.files.open(str(dump))
    qtbot.waitUntil(lambda: bool(bench.window.findChildren(ImportDialog)))
    [dialog] = bench.window.findChildren(ImportDialog)
    assert not dialog.follow_button.isEnabled()


def test_a_file_that_starts_anew_is_told_and_what_came_stays(
    bench: Workbench, trace: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(bench, trace, qtbot, monkeypatch)
    qtbot.waitUntil(lambda: len(values(bench)) == 2)
    trace.write_text(write(1, 1))
    qtbot.waitUntil(lambda: not bench.follow_bar.is_active)
    assert "starts anew" in bench.window.statusBar().currentMessage()
    assert values(bench) == [6, 0xC06]


def test_what_cannot_be_followed_leaves_the_document(
    bench: Workbench, trace: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    trace.write_bytes(b"\x7fELF")
    bench.files.follow_file(trace)
    qtbot.waitUntil(lambda: bool(told))
    assert "this is a program" in told[0]
    assert bench.document.scenario.name == "small-machine"
    assert not bench.follow_bar.is_active


def test_the_window_starts_with_a_trace_to_follow(
    trace: Path, settings: Settings, qtbot: QtBot
) -> None:
    startup = Startup([str(trace)], settings, follow=True)
    with qtbot.waitSignal(startup.ready, timeout=20_000):
        startup.begin()
    bench, window = startup.workbench, startup.window
    assert bench is not None
    assert window is not None
    qtbot.waitUntil(lambda: values(bench) == [6, 0xC06])
    append(trace, write(0, 102))
    qtbot.waitUntil(lambda: values(bench) == [6, 0xC06, 0])
    bench.document.mark_saved(bench.document.scenario, trace)
    bench.follow_bar.stop()
    window.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--follow"], "--follow needs the one trace to follow"),
        (["/nowhere/trace.txt", "--follow"], "there is no such file"),
        (["/", "--follow"], "this is a folder"),
    ],
)
def test_wrong_command_lines_are_one_message(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
