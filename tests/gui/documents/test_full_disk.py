"""On a full disk the settings, lessons' progress and the journal are as they were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QByteArray, QSettings

from mtrrviz.gui.shell.settings import Settings
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from mtrrviz.session.journal.folders import left_in
from mtrrviz.session.journal.keeper import Keeper
from mtrrviz.session.journal.unsaved_work import read_unsaved, restored
from mtrrviz.session.runs import at_once
from tests.full_disk import room_for
from tests.scenario.files import write_scenario

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.gui


def store(path: Path) -> QSettings:
    return QSettings(str(path), QSettings.Format.IniFormat)


@pytest.mark.parametrize("room_bytes", [0, 40, 300])
def test_settings_that_cannot_be_written_stay_as_they_were(tmp_path, room_bytes):
    (tmp_path / "settings").mkdir()
    path = tmp_path / "settings" / "mtrrviz.ini"
    first = store(path)
    Settings(first).lane_px = 33
    Settings(first).lecture_panels = ["Registers", "Results"]
    first.sync()
    before = path.read_bytes()
    with room_for(room_bytes):
        second = store(path)
        Settings(second).store_window(QByteArray(b"w" * 400), QByteArray(b"d" * 4000))
        second.sync()
    assert second.status() is QSettings.Status.AccessError
    del second
    assert path.read_bytes() == before
    assert Settings(store(path)).lane_px == 33


def test_the_journal_keeps_what_it_had_wherever_the_room_ends(tmp_path):
    path = write_scenario(tmp_path)
    original = load_original(path)
    document = Document(original.scenario, path=path, original=original)
    errors: list[OSError] = []
    root = tmp_path / "journal"
    keeper = Keeper(document, root, at_once, errors.append)
    document.apply(attach_dma(document.scenario, 0))
    (edits,) = root.glob("*/edits")
    kept_bytes = edits.stat().st_size
    for more_bytes in (0, 1, 8, 40):
        with room_for(kept_bytes + more_bytes):
            document.apply(attach_dma(document.scenario, 0))
        assert "File too large" in str(errors.pop())
        (folder,) = (f for f in root.iterdir())
        kept = edits.read_bytes()
        (tmp_path / "copy").mkdir(exist_ok=True)
        copy = tmp_path / "copy" / folder.name
        copy.mkdir(exist_ok=True)
        (copy / "edits").write_bytes(kept)
        (left,) = left_in(tmp_path / "copy")
        work = read_unsaved(left)
        left.release()
        assert work.edits == 1
        assert work.is_damaged is (len(kept) > kept_bytes)
    document.apply(attach_dma(document.scenario, 0))
    keeper.leave()
    (left,) = left_in(root)
    found = restored(read_unsaved(left))
    left.release()
    assert len(found.states) == 7
    assert len(found.scenario.events) == len(document.scenario.events)
    assert errors == []
