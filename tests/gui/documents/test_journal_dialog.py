"""What a window left unsaved is offered at the next start: restored, discarded or kept."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton, QWidget

from mtrrviz.gui.documents.journal import Journal
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from mtrrviz.session.journal.folders import left_in
from mtrrviz.session.journal.unsaved_work import read_unsaved, restored
from tests.narrow import there
from tests.scenario.files import write_scenario

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.gui


class Place:
    """A window with a document and its journal."""

    def __init__(self, folder: Path, qtbot) -> None:
        path = write_scenario(folder)
        original = load_original(path)
        self.document = Document(original.scenario, path=path, original=original)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.answers: list[bool] = []
        self.journal = Journal(self.document, folder / "journal", self.window, self.may_discard)
        self.told: list[str] = []
        self.journal.told.connect(self.told.append)

    def may_discard(self) -> bool:
        return self.answers.pop(0) if self.answers else True

    def edit(self) -> None:
        self.document.apply(attach_dma(self.document.scenario, 0))

    def die(self) -> None:
        self.journal.stay()
        self.journal.close()

    def offer(self) -> None:
        self.journal.offer()
        self.journal.reading.finish()
        QCoreApplication.processEvents()

    def restore(self) -> None:
        self.press("restore_work")
        assert self.journal.reading.finish()
        QCoreApplication.processEvents()
        self.journal.finish()
        QCoreApplication.processEvents()

    def press(self, name: str) -> None:
        assert self.journal.dialog is not None
        button = self.journal.dialog.findChild(QPushButton, name)
        assert isinstance(button, QPushButton)
        button.click()


@pytest.fixture
def left(tmp_path, qtbot):
    """Work of two edits that a window left."""
    place = Place(tmp_path, qtbot)
    place.edit()
    place.edit()
    place.die()
    return place


@pytest.fixture
def place(left, tmp_path, qtbot):
    made = Place(tmp_path, qtbot)
    made.offer()
    yield made
    made.journal.close()


def test_the_file_and_the_number_of_edits_are_listed(place, tmp_path):
    words = there(place.journal.dialog).list.item(0).text()
    assert str(place.document.path) in words
    assert "2 edits" in words
    place.press("later_work")


def test_restored_work_is_open_unsaved_and_kept_by_this_window(place, left, tmp_path):
    place.restore()
    assert len(place.document.scenario.events) == len(left.document.scenario.events)
    assert place.document.is_modified
    assert left_in(tmp_path / "journal") == []
    assert len(list((tmp_path / "journal").iterdir())) == 1
    place.journal.stay()


def test_restored_work_is_taken_back_edit_by_edit(place):
    place.restore()
    for _ in range(2):
        assert place.document.is_modified
        assert place.document.undo_label == attach_dma(place.document.scenario, 0).label
        place.document.undo()
    assert place.document.undo_label is None
    assert not place.document.is_modified
    place.journal.stay()


def test_work_whose_data_are_gone_is_told_and_kept(left, tmp_path, qtbot, monkeypatch):
    def gone(*_arguments):
        raise ScenarioError("x.toml", "recording.touches", "the file is missing", "a data file")

    place = Place(tmp_path, qtbot)
    place.offer()
    told = []
    monkeypatch.setattr("mtrrviz.session.journal.unsaved_work.restored", gone)
    monkeypatch.setattr("mtrrviz.gui.documents.journal.warn", lambda *words: told.append(words))
    place.restore()
    assert "x.toml: recording.touches: the file is missing" in told[0][1]
    assert not place.document.is_modified
    place.journal.close()
    assert len(left_in(tmp_path / "journal")) == 1


def test_work_is_read_beside_the_window(left, tmp_path, qtbot):
    place = Place(tmp_path, qtbot)
    place.journal.offer()
    assert place.journal.dialog is None
    place.journal.reading.finish()
    place.journal.close()
    QCoreApplication.processEvents()
    assert place.journal.dialog is None  # nobody is asked by a window that is closed
    assert len(left_in(tmp_path / "journal")) == 1


def test_work_stays_in_its_journal_until_it_is_in_another(place, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        place.restore()
    assert "not kept" in place.told[-1]
    place.journal.close()
    (folder,) = left_in(tmp_path / "journal")
    assert read_unsaved(folder).edits == 2
    folder.release()


def test_a_window_that_is_closed_at_once_has_kept_what_it_restored(place, tmp_path):
    place.press("restore_work")
    place.journal.reading.finish()
    QCoreApplication.sendPostedEvents(place.journal.reading)  # and none of its other worker
    place.die()
    assert len(list((tmp_path / "journal").iterdir())) == 1
    (folder,) = left_in(tmp_path / "journal")
    assert read_unsaved(folder).edits == 2
    folder.release()


def test_later_edits_that_cannot_be_read_are_told_and_kept(place, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr("mtrrviz.gui.documents.journal.warn", lambda *words: told.append(words))

    def some(work):
        found = restored(work)
        error = ScenarioError("events-2.npz", "", "it is missing", "a file beside the journal")
        return replace(found, states=found.states[:-1], lost=(error,))

    monkeypatch.setattr("mtrrviz.session.journal.unsaved_work.restored", some)
    place.restore()
    assert told[0][1].startswith("1 later edit cannot be restored: events-2.npz: it is missing")
    assert place.told[-1] == "Restored unsaved work: 1 edit"
    assert place.document.edit_count == 1
    place.journal.close()
    (folder,) = left_in(tmp_path / "journal")
    assert read_unsaved(folder).edits == 2
    folder.release()


def test_an_edit_made_while_work_is_read_is_asked_about(place, tmp_path):
    place.answers += [True, False]
    place.press("restore_work")
    place.edit()
    edited = place.document.scenario
    place.journal.reading.finish()
    QCoreApplication.processEvents()
    assert place.answers == []
    assert place.document.scenario is edited
    (folder,) = left_in(tmp_path / "journal")
    assert read_unsaved(folder).edits == 2
    folder.release()


def test_work_that_arrives_after_the_window_was_closed_is_kept(left, tmp_path, qtbot):
    place = Place(tmp_path, qtbot)
    place.offer()
    place.press("restore_work")
    place.journal.close()
    place.journal.reading.finish()
    QCoreApplication.processEvents()  # errors of the event loop fail the test
    assert len(left_in(tmp_path / "journal")) == 1


def test_a_version_that_is_in_no_file_any_longer_is_kept_once_it_is_restored(tmp_path, qtbot):
    gone = Place(tmp_path, qtbot)
    gone.document.mark_unsaved()
    gone.die()
    place = Place(tmp_path, qtbot)
    place.offer()
    assert "no edit, but its file was" in there(place.journal.dialog).list.item(0).text()
    place.restore()
    assert place.document.is_modified
    place.die()
    assert len(left_in(tmp_path / "journal")) == 1


def test_restored_work_outlives_the_next_death(left, tmp_path, qtbot):
    second = Place(tmp_path, qtbot)
    second.offer()
    second.restore()
    second.edit()
    second.die()
    third = Place(tmp_path, qtbot)
    third.offer()
    assert "3 edits" in there(third.journal.dialog).list.item(0).text()
    third.press("later_work")
    third.journal.close()


def test_discarded_work_is_gone(place, tmp_path):
    place.press("discard_work")
    assert place.journal.dialog is None
    assert list((tmp_path / "journal").iterdir()) == []


def test_later_asks_again(place, tmp_path):
    place.press("later_work")
    assert not place.document.is_modified
    assert len(left_in(tmp_path / "journal")) == 1


def test_damage_is_said(left, tmp_path, qtbot):
    (edits,) = (tmp_path / "journal").glob("*/edits")
    edits.write_bytes(edits.read_bytes()[:-3])
    place = Place(tmp_path, qtbot)
    place.offer()
    words = there(place.journal.dialog).list.item(0).text()
    assert "damaged" in words
    assert "1 edit," in words
    place.press("later_work")
    place.journal.close()


def test_a_window_that_is_closed_leaves_nothing(tmp_path, qtbot):
    place = Place(tmp_path, qtbot)
    place.edit()
    place.journal.close()
    assert list((tmp_path / "journal").iterdir()) == []


def test_a_full_disk_is_told(tmp_path, qtbot, monkeypatch):
    place = Place(tmp_path, qtbot)

    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        place.edit()
        place.journal.finish()
        qtbot.waitUntil(lambda: bool(place.told))
    assert "No space left" in place.told[0]
    place.journal.close()


def test_settings_that_take_no_files_are_told(tmp_path, qtbot):
    (tmp_path / "journal").touch()
    place = Place(tmp_path, qtbot)
    place.offer()
    place.edit()
    place.journal.finish()
    qtbot.waitUntil(lambda: bool(place.told))
    assert "Unsaved edits are not kept, save them" in place.told[0]
    assert str(tmp_path / "journal") in place.told[0]
    place.journal.close()
