"""Saving in the window, and the question when another program changed the open file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton

from mtrrviz.gui.documents.changed_file_dialog import ChangedFileDialog
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma, change_event
from tests.scenario.files import GOOD, write_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui

THEIRS = GOOD.replace('title = "good"', 'title = "<b>theirs</b>"')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_scenario(tmp_path)


@pytest.fixture
def opened(qtbot: QtBot, settings: Settings, path: Path) -> Workbench:
    """A window on a scenario file."""
    original = load_original(path)
    document = Document(original.scenario, path=path, original=original)
    window = MainWindow(settings)

    def forget(_window: object) -> None:
        document.mark_saved(document.scenario, path, None)

    qtbot.addWidget(window, before_close_func=forget)
    made = Workbench(window, document, Worker(window), settings)
    window.show()
    return made


def question(bench: Workbench, qtbot: QtBot) -> ChangedFileDialog:
    """Wait for the question, and return its dialog."""

    def is_there() -> bool:
        return any(d.isVisible() for d in bench.window.findChildren(ChangedFileDialog))

    qtbot.waitUntil(is_there)
    return next(d for d in bench.window.findChildren(ChangedFileDialog) if d.isVisible())


def press(dialog: ChangedFileDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    button.click()


def test_saving_says_where_and_changes_one_line(opened: Workbench, path: Path) -> None:
    document = opened.document
    event = replace(document.scenario.events[0], value=0xC00)
    document.apply(change_event(document.scenario, 0, event))
    opened.actions["save"].trigger()
    message = opened.window.statusBar().currentMessage()
    assert "Saved" in message
    assert str(path) in message
    assert path.read_text() == GOOD.replace("0xC06", "0xC00")
    document.undo()
    opened.actions["save"].trigger()
    assert path.read_text() == GOOD


def test_a_foreign_change_is_noticed_shown_and_reloaded(
    opened: Workbench, path: Path, qtbot: QtBot
) -> None:
    opened.document.set_playhead(300_000_000)
    path.write_text(THEIRS)
    dialog = question(opened, qtbot)
    press(dialog, "show_difference")
    shown = dialog.findChild(QPlainTextEdit, "file_difference")
    assert shown is not None
    assert shown.isVisible()
    assert '+title = "<b>theirs</b>"' in shown.toPlainText().splitlines()
    press(dialog, "reload_file")
    qtbot.waitUntil(lambda: opened.document.scenario.title == "<b>theirs</b>")
    assert opened.document.playhead_ns == 300_000_000
    assert not opened.document.is_modified


def test_a_replaced_file_is_noticed_again_and_again(
    opened: Workbench, path: Path, qtbot: QtBot
) -> None:
    for title in ("one", "two"):
        other = path.with_name("other")
        other.write_text(GOOD.replace("good", title))
        other.replace(path)
        press(question(opened, qtbot), "reload_file")
        qtbot.waitUntil(lambda title=title: opened.document.scenario.title == title)


def test_mine_is_kept_and_saved_over_the_other_without_another_question(
    opened: Workbench, path: Path, qtbot: QtBot
) -> None:
    path.write_text(THEIRS)
    press(question(opened, qtbot), "keep_mine")
    assert opened.document.is_modified
    assert path.read_text() == THEIRS
    assert opened.files.save()
    assert path.read_text() == GOOD
    assert not opened.document.is_modified


@pytest.mark.parametrize(("button", "is_saved"), [("keep_mine", True), ("reload_file", False)])
def test_saving_over_a_foreign_change_is_asked_about(
    opened: Workbench, path: Path, qtbot: QtBot, button: str, is_saved: bool
) -> None:
    document = opened.document
    document.apply(attach_dma(document.scenario, 0))
    path.write_text(THEIRS)  # and saved before the watcher can have told

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ChangedFileDialog)
        press(dialog, button)

    QTimer.singleShot(0, answer)
    assert opened.files.save() is is_saved
    if is_saved:
        assert "dma-attach" in path.read_text()
        return
    qtbot.waitUntil(lambda: document.scenario.title == "<b>theirs</b>")
    assert path.read_text() == THEIRS
    document.undo()
    assert document.scenario.events[0].kind == "dma-attach"


def test_a_broken_file_is_told_and_leaves_the_document(
    opened: Workbench, path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "mtrrviz.gui.documents.open_save.warn", lambda _window, text, _more: told.append(text)
    )
    before = opened.document.scenario
    path.write_text("no scenario")
    press(question(opened, qtbot), "reload_file")
    qtbot.waitUntil(lambda: bool(told))
    assert str(path) in told[0]
    assert opened.document.scenario is before
