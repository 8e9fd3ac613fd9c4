"""A picture of the window without a screen: what the window shows of a scenario at a time."""

from __future__ import annotations

import os
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.app import check_parts

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtCore import QSettings
    from PySide6.QtGui import QPixmap

    from mtrrviz.scenario.model import Scenario


def render_window(
    scenario: Scenario,
    policy: str,
    time_ns: int,
    size: tuple[int, int],
    theme_name: str,
    output: Path,
) -> None:
    """Write the window's picture at ``time_ns`` as PNG; raises MtrrvizError if that fails.

    ``size`` is in pixels, ``theme_name`` is "dark" or "light". Needs no display.
    """
    check_parts()
    if not os.environ.get("QT_QPA_PLATFORM"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QSettings as Store  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    app = QApplication.instance() or QApplication(sys.argv[:1])
    with TemporaryDirectory() as directory:
        store = Store(f"{directory}/settings.ini", Store.Format.IniFormat)
        picture = _picture(scenario, policy, time_ns, size, theme_name, store)
    if not picture.save(str(output), "PNG"):
        raise MtrrvizError(f"{output}: the picture could not be written")
    app.processEvents()


def _picture(
    scenario: Scenario,
    policy: str,
    time_ns: int,
    size: tuple[int, int],
    theme_name: str,
    store: QSettings,
) -> QPixmap:
    """Return a picture of a window that is made for it alone."""
    from mtrrviz.gui.main_window import MainWindow  # noqa: PLC0415
    from mtrrviz.gui.settings import Settings  # noqa: PLC0415
    from mtrrviz.gui.theme import ThemeName  # noqa: PLC0415
    from mtrrviz.gui.workbench import Workbench, settle  # noqa: PLC0415
    from mtrrviz.gui.worker import Worker  # noqa: PLC0415
    from mtrrviz.session.document import Document  # noqa: PLC0415

    settings = Settings(store)
    settings.theme = ThemeName.LIGHT if theme_name == "light" else ThemeName.DARK
    window = MainWindow(settings)
    window.resize(*size)
    document = Document(scenario)
    document.set_policy(policy)
    document.set_playhead(time_ns)
    worker = Worker()
    Workbench(window, document, worker, settings)
    window.show()
    settle()
    picture = window.grab()
    window.close()
    window.deleteLater()
    return picture
