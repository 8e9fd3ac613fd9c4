"""Saving beside the window: what happens while a file is being written."""

from __future__ import annotations

from threading import Event as Flag
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from mtrrviz.gui.documents.saving import Saving
from mtrrviz.scenario.files import saver as module
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from tests.scenario.files import GOOD, write_scenario

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.gui


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_scenario(tmp_path)


@pytest.fixture
def document(path: Path) -> Document:
    original = load_original(path)
    return Document(original.scenario, path=path, original=original)


class Held:
    """Writes only when it is let go, and knows in which threads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = Flag()
        self.threads: list[object] = []
        self._write = module.save_scenario
        monkeypatch.setattr(module, "save_scenario", self.write)

    def write(self, *arguments: object, **more: object) -> object:
        self.threads.append(current_thread())
        assert self.go.wait(30)
        return self._write(*arguments, **more)  # type: ignore[arg-type]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


@pytest.fixture
def saving(qtbot, document: Document, held: Held):
    window = QWidget()
    qtbot.addWidget(window)
    made = Saving(document, window)
    yield made
    held.go.set()
    made.finish()
    made.stop()


def edit(document: Document) -> None:
    document.apply(attach_dma(document.scenario, 0))


def test_nothing_is_written_in_the_windows_thread(saving, held, document, path):
    edit(document)
    saving.start(path)
    assert saving.is_under_way
    assert document.is_modified
    held.go.set()
    assert saving.finish()
    assert main_thread() not in held.threads
    assert not document.is_modified
    assert "dma-attach" in path.read_text()


def test_edits_made_meanwhile_are_kept_and_unsaved(saving, held, document, path):
    edit(document)
    saving.start(path)
    edit(document)
    held.go.set()
    assert saving.finish()
    assert path.read_text().count("dma-attach") == 1
    assert len([e for e in document.scenario.events if e.kind == "dma-attach"]) == 2
    assert document.is_modified
    document.undo()
    assert not document.is_modified
    document.redo()
    saving.start(path)
    assert saving.finish()
    assert path.read_text().count("dma-attach") == 2
    assert not document.is_modified


def test_what_is_undone_meanwhile_is_unsaved(saving, held, document, path):
    edit(document)
    saving.start(path)
    document.undo()
    held.go.set()
    assert saving.finish()
    assert document.is_modified
    document.redo()
    assert not document.is_modified


def test_saving_once_more_meanwhile_writes_the_newest(saving, held, document, path, tmp_path):
    edit(document)
    saving.start(path)
    edit(document)
    saving.start(path)
    held.go.set()
    assert saving.finish()
    assert path.read_text().count("dma-attach") == 2
    assert not document.is_modified


def test_of_a_scenario_that_is_gone_nothing_is_noted(saving, held, document, path, tmp_path):
    saving.start(path)
    (tmp_path / "elsewhere").mkdir()
    other = load_original(write_scenario(tmp_path / "elsewhere", GOOD.replace("good", "other")))
    document.open(other.scenario, tmp_path / "other.toml", original=other)
    held.go.set()
    assert saving.finish()
    assert document.path == tmp_path / "other.toml"
    assert document.scenario is other.scenario
    assert document.original is other


def test_an_error_is_told_and_the_next_try_can_succeed(saving, held, document, path, tmp_path):
    errors: list[Exception] = []
    saving.failed.connect(errors.append)
    held.go.set()
    edit(document)
    saving.start(tmp_path / "nowhere" / "x.toml")
    assert not saving.finish()
    assert isinstance(errors[0], OSError)
    assert "nowhere" in str(errors[0])
    assert document.is_modified
    assert document.path == path
    saving.start(path)
    assert saving.finish()
    assert not document.is_modified


def test_waiting_goes_on_painting_until_it_is_written(saving, held, document, path):
    edit(document)
    saving.start(path)
    QTimer.singleShot(0, held.go.set)  # which only a loop that runs can do
    assert saving.finish()
    assert not saving.is_under_way
