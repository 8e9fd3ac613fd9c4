"""A file whose name is no text is opened, shown, saved and remembered in the window."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QFileDialog

from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.files.loader import load_original, load_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from tests.scenario.files import GOOD

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui


def test_such_a_file_is_opened_edited_saved_and_remembered(
    qtbot: QtBot, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 & <b>.toml")
    path.write_text(GOOD)
    original = load_original(path)
    document = Document(original.scenario, path=path, original=original)
    window = MainWindow(settings)
    qtbot.addWidget(window)
    bench = Workbench(window, document, Worker(window), settings)
    window.show()
    told: list[str] = []
    bench.files.told.connect(told.append)
    bench.bridge.edit(lambda: attach_dma(document.scenario, 0))
    settle()
    bench.files.journal.finish()
    assert "caf" in window.windowTitle()
    assert bench.files.save()
    assert bench.files.saving.finish()
    assert not document.is_modified
    assert "dma-attach" in path.read_text()
    assert "Saved caf" in told[-1]
    assert settings.recent == [path]
    other = tmp_path / os.fsdecode(b"other\xe9.toml")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(other), ""))
    assert bench.files.save_as()
    assert bench.files.saving.finish()
    assert len(load_scenario(other).events) == len(document.scenario.events)
    bench.files.open(str(path))
    bench.finish_work()
    settle()
    assert document.path == path
    other.write_text(GOOD)
    path.write_text(GOOD)
    assert bench.files.foreign._disk.foreign_data() == GOOD.encode()
    window.close()
