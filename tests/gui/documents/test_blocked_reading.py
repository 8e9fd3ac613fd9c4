"""A pipe that nobody writes holds nothing up: reading it ends with Cancel or with the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from threading import Event as Flag
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QProgressDialog, QWidget
from shiboken6 import delete

from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.shell.aside import Aside
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.start.startup import Startup
from mtrrviz.session.edits import attach_dma

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.gui.shell.workbench import Workbench

pytestmark = pytest.mark.gui

_CLOSED_WHILE_OPENING = """
import sys
from PySide6.QtCore import QSettings, QTimer
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
from mtrrviz.gui.shell.start import app, startup

class Closed(startup.Startup):
    def begin(self):
        super().begin()
        QTimer.singleShot(500, self.window.close)

startup.Startup = Closed
sys.exit(app.run_window([sys.argv[2]]))
"""


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def test_it_can_be_cancelled_and_edits_are_simulated_meanwhile(
    bench: Workbench, pipe: Path, qtbot
) -> None:
    document = bench.document
    qtbot.waitUntil(lambda: not document.is_simulating)
    bench.files.open(str(pipe))
    document.apply(attach_dma(document.scenario, 0))
    qtbot.waitUntil(lambda: not document.is_simulating)
    (progress,) = bench.window.findChildren(QProgressDialog)
    edited = document.scenario
    progress.canceled.emit()  # as its button does
    os.close(os.open(pipe, os.O_WRONLY))  # somebody comes after all
    bench.files.reading.finish()
    QApplication.processEvents()
    assert document.scenario is edited
    document.undo()  # so that closing the window asks nothing


def test_the_window_can_be_closed_while_it_opens_and_stores_no_empty_layout(
    tmp_path: Path, pipe: Path
) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", _CLOSED_WHILE_OPENING, str(tmp_path), str(pipe)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        assert program.wait(60) == 0
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait()
    stored = QSettings(str(tmp_path / "mtrrviz" / "mtrrviz.ini"), QSettings.Format.IniFormat)
    assert Settings(stored).layout().isEmpty()


def test_a_layout_is_stored_once_there_is_one(settings: Settings, qtbot) -> None:
    startup = Startup(["small-machine"], settings)
    with qtbot.waitSignal(startup.ready, timeout=30_000):
        startup.begin()
    assert startup.window is not None
    startup.window.close()
    assert not settings.layout().isEmpty()


def test_what_was_read_for_a_window_that_is_gone_is_handed_to_nobody(qtbot) -> None:
    window, aside, told = QWidget(), Aside(), list[object]()
    may_end, ended = Flag(), Flag()

    def read(_tell: object, _stop: object) -> None:
        may_end.wait(10)
        ended.set()

    Reading(window).start(aside, read, told.append, told.append)
    delete(window)
    may_end.set()
    assert ended.wait(10)
    aside.finish()
    qtbot.wait(10)  # errors of the event loop fail the test
    assert told == []
