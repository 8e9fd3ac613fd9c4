"""Dialogs are never larger than the screen, however large the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QDialog
from shiboken6 import delete

from mtrrviz.gui.common.looks.text_size import TextSize, apply_text_size
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.gui

OPENED_BY = (
    "new_scenario",
    "change_machine",
    "open_example",
    "change_scenario",
    "show_shortcuts",
    "show_model",
    "add_bookmark",
)


@pytest.fixture(scope="module")
def bench(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One window for all dialogs: with large text it takes long to make."""
    store = tmp_path_factory.mktemp("large") / "settings.ini"
    settings = Settings(QSettings(str(store), QSettings.Format.IniFormat))
    settings.text_size = TextSize.P200
    window = MainWindow(settings)
    document = Document(open_scenario("small-machine"))
    made = Workbench(window, document, Worker(window), settings)
    window.show()
    settle()
    yield made
    window.close()
    delete(window)
    apply_text_size(TextSize.P100)


@pytest.mark.parametrize("action", OPENED_BY)
def test_a_dialog_fits_the_screen_at_twice_the_size_of_text(bench: Workbench, action: str) -> None:
    bench.actions[action].trigger()
    (dialog,) = (d for d in bench.window.findChildren(QDialog) if d.isVisible())
    room = dialog.screen().availableSize()
    assert dialog.width() <= room.width()
    assert dialog.height() <= room.height()
    dialog.reject()
    settle()
