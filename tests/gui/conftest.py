"""What the tests of views share: settings of their own, and a window with a page selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QSettings, QTimer
from PySide6.QtTest import QTest

from mtrrviz.gui.common.looks.text_size import TextSize, apply_text_size
from mtrrviz.gui.lessons import lesson_desk
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True)
def no_window_stays(qapp: QApplication) -> Iterator[None]:
    """Close the dialogs and delete the windows of a test when it ends.

    Qt leaves deleting to an event loop, which tests seldom run, and styles all windows that there
    are. While a modal dialog is open, the windows of later tests ask nothing.
    """
    of_module = main_windows(qapp)
    if not of_module:
        forget_text_size(qapp)
    yield
    for window in main_windows(qapp):
        if window not in of_module:
            window.deleteLater()
    while (dialog := qapp.activeModalWidget()) is not None:
        dialog.close()
        dialog.deleteLater()
    delete_windows(qapp)


def forget_text_size(app: QApplication) -> None:
    """Drop the rule that an earlier test's size of text left for all widgets."""
    if app.property("base_point_size") is not None:
        apply_text_size(TextSize.P100)
        app.setProperty("base_point_size", None)
        app.setStyleSheet("")


def main_windows(app: QApplication) -> list[MainWindow]:
    """Return all main windows, shown or not."""
    return [window for window in app.topLevelWidgets() if isinstance(window, MainWindow)]


def delete_windows(app: QApplication) -> None:
    """Delete what is to be deleted later, also what an event asked for in a nested event loop."""
    loop = QEventLoop()

    def delete() -> None:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        loop.quit()

    QTimer.singleShot(0, delete)
    loop.exec()


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


class AtOnce(Worker):
    """Does work right where it is asked for."""

    def run(self, work, finished, failed=None):
        del failed
        finished(work())


@pytest.fixture(scope="module")
def class_bench(qapp, tmp_path_factory):
    """A window for the lessons of a module; its work is done at once, so nothing is waited for.

    A message that would wait for the user fails the test.
    """
    folder = tmp_path_factory.mktemp("settings")
    settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    window = MainWindow(settings)
    window.resize(1280, 800)
    bench = Workbench(window, Document(open_scenario("small-machine")), AtOnce(window), settings)
    window.show()
    QTest.qWaitForWindowExposed(window)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lesson_desk, "warn", lambda _parent, text, *_more: pytest.fail(text))
        yield bench
    window.ask_before_closing(lambda: True)
    window.close()
    window.deleteLater()
    delete_windows(qapp)
