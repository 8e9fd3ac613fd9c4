"""Saving in the window, and the question when another program changed the open file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPlainTextEdit, QPushButton

from mtrrviz.gui.documents.changed_file_dialog import ChangedFileDialog
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma, change_event
from mtrrviz.session.exchange.open_files import OpenFile
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
    opened.files.saving.finish()
    message = opened.window.statusBar().currentMessage()
    assert "Saved" in message
    assert path.name in message
    assert str(path.parent) in message
    assert path.read_text() == GOOD.replace("0xC06", "0xC00")
    document.undo()
    opened.actions["save"].trigger()
    opened.files.saving.finish()
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


def test_a_change_during_another_question_is_asked_about_after_it(
    opened: Workbench, path: Path, qtbot: QtBot
) -> None:
    other = QMessageBox(opened.window)
    other.open()
    path.write_text(THEIRS)
    qtbot.wait(500)
    assert opened.window.findChild(ChangedFileDialog) is None
    other.reject()
    press(question(opened, qtbot), "reload_file")
    qtbot.waitUntil(lambda: opened.document.scenario.title == "<b>theirs</b>")


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
    assert opened.files.saving.finish()
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
    opened.files.saving.finish()
    if is_saved:
        assert "dma-attach" in path.read_text()
        return
    qtbot.waitUntil(lambda: document.scenario.title == "<b>theirs</b>")
    assert path.read_text() == THEIRS
    document.undo()
    assert document.scenario.events[0].kind == "dma-attach"


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what the window warns of."""
    texts: list[str] = []
    monkeypatch.setattr(
        "mtrrviz.gui.documents.open_save.warn", lambda _window, text, _more: texts.append(text)
    )
    return texts


def test_a_broken_file_is_told_and_leaves_the_document(
    opened: Workbench, path: Path, qtbot: QtBot, warned: list[str]
) -> None:
    before = opened.document.scenario
    path.write_text("no scenario")
    press(question(opened, qtbot), "reload_file")
    qtbot.waitUntil(lambda: bool(warned))
    assert str(path) in warned[0]
    assert opened.document.scenario is before


def test_a_file_that_is_gone_is_told_and_written_again(
    opened: Workbench, path: Path, qtbot: QtBot
) -> None:
    told: list[str] = []
    opened.files.told.connect(told.append)
    path.unlink()
    qtbot.waitUntil(lambda: opened.document.is_modified)
    assert path.name in told[0]
    assert opened.files.save()
    assert opened.files.saving.finish()
    assert path.exists()
    assert not opened.document.is_modified


def test_a_file_that_became_a_pipe_or_a_circle_of_links_is_not_written(
    opened: Workbench, path: Path, qtbot: QtBot, warned: list[str]
) -> None:
    path.unlink()
    os.mkfifo(path)
    press(question(opened, qtbot), "keep_mine")
    assert not opened.files.save()
    assert warned == [f"{path} is not a file."]
    path.unlink()
    path.symlink_to(path)
    opened.files.foreign.look()
    assert opened.files.save()
    assert not opened.files.saving.finish()
    assert "symbolic links" in warned[-1]


class Asked:
    """Answers questions, and keeps them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: QMessageBox.StandardButton) -> None:
        self.questions: list[str] = []

        def exec_(box: QMessageBox) -> int:
            self.questions.append(box.text())
            return answer.value

        monkeypatch.setattr(QMessageBox, "exec", exec_)


def save_as(opened: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(path), ""))
    return opened.files.save_as() and opened.files.saving.finish()


@pytest.mark.parametrize("is_agreed", [False, True])
def test_a_name_that_gets_an_ending_replaces_nothing_unasked(
    opened: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch, is_agreed: bool
) -> None:
    buttons = QMessageBox.StandardButton
    there = path.with_name("foo.mtrrviz.toml")
    there.write_text("theirs")
    asked = Asked(monkeypatch, buttons.Yes if is_agreed else buttons.No)
    assert save_as(opened, path.with_name("foo"), monkeypatch) is is_agreed
    assert len(asked.questions) == 1
    assert there.name in asked.questions[0]
    assert (there.read_text() == "theirs") is not is_agreed


@pytest.mark.parametrize("is_agreed", [False, True])
def test_a_read_only_file_is_asked_about(
    opened: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch, is_agreed: bool
) -> None:
    buttons = QMessageBox.StandardButton
    path.chmod(0o444)
    before = path.read_bytes()
    opened.document.apply(attach_dma(opened.document.scenario, 0))
    asked = Asked(monkeypatch, buttons.Yes if is_agreed else buttons.No)
    assert (opened.files.save() and opened.files.saving.finish()) is is_agreed
    assert "read-only" in asked.questions[0]
    assert (path.read_bytes() == before) is not is_agreed
    assert path.stat().st_mode & 0o777 == 0o444


def test_the_status_bar_says_that_another_window_has_the_file_open(settings, path, request):
    other = OpenFile(settings.open_files_folder)
    other.hold(path)
    bench = request.getfixturevalue("opened")
    assert "is open in another window" in bench.window.statusBar().currentMessage()
    bench.window.close()
    assert not other.hold(path)
    other.release()
