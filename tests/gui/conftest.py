"""What the tests of views share: settings of their own, and a window with a page selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSettings

from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that nobody else reads or writes, all at their defaults."""
    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def bench(qtbot: QtBot, settings: Settings) -> Workbench:
    """A window on the small machine at 1.1 s, page 0x2100 selected."""
    window = MainWindow(settings)
    window.resize(1280, 800)
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    document.select_page(0x2100)
    qtbot.addWidget(window)
    made = Workbench(window, document, Worker(window), settings)
    window.show()
    qtbot.waitExposed(window)
    return made
