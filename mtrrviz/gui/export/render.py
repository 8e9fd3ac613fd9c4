"""A picture of the window or of a view, without a screen, of a scenario at a time."""

from __future__ import annotations

import os
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.shell.app import check_parts

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.workbench import Workbench
    from mtrrviz.scenario.model import Scenario


def render_window(
    scenario: Scenario,
    policy: str | None,
    time_ns: int,
    size: tuple[int, int],
    theme_name: str,
    output: Path,
    view: str = "window",
) -> None:
    """Write a picture at ``time_ns`` as PNG or SVG, as the name ends; MtrrvizError if that fails.

    ``policy`` None is the scenario's own choice. ``size`` is the window's in pixels,
    ``theme_name`` "dark" or "light", ``view`` "window" or a part of it (``Workbench.pictured``).
    Needs no display.
    """
    check_parts()
    if not os.environ.get("QT_QPA_PLATFORM"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QSettings as Store  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from mtrrviz.gui.export.pictures import save_picture  # noqa: PLC0415

    app = QApplication.instance() or QApplication(sys.argv[:1])
    with TemporaryDirectory() as directory:
        store = Store(f"{directory}/settings.ini", Store.Format.IniFormat)
        workbench = _workbench(scenario, policy, time_ns, size, theme_name, store)
        save_picture(_shown(workbench, view), output)
        workbench.window.close()
        workbench.window.deleteLater()
    app.processEvents()


def _shown(workbench: Workbench, view: str) -> QWidget:
    """Return the view of a name, brought to the front and complete; MtrrvizError if none such."""
    from mtrrviz.gui.export.exports import bring_up  # noqa: PLC0415

    found = workbench.pictured.get(view)
    if found is None:
        raise MtrrvizError(f"no view {view!r}: there are {', '.join(workbench.pictured)}")
    if not workbench.has_view(view):
        raise MtrrvizError(
            f"view {view}: this is a real machine, without KVM (--machine guest shows one)"
        )
    bring_up(found)
    _wait_for_work(workbench)
    return found


def _wait_for_work(workbench: Workbench) -> None:
    """Let what the view works out beside the window come in, as long as that brings more work."""
    from mtrrviz.gui.shell.workbench import settle  # noqa: PLC0415

    settle()
    while workbench.finish_work():
        settle()


def _workbench(
    scenario: Scenario,
    policy: str | None,
    time_ns: int,
    size: tuple[int, int],
    theme_name: str,
    store: QSettings,
) -> Workbench:
    """Return a window with all that is in it, made for a picture alone."""
    from mtrrviz.gui.common.theme import ThemeName  # noqa: PLC0415
    from mtrrviz.gui.shell.main_window import MainWindow  # noqa: PLC0415
    from mtrrviz.gui.shell.settings import Settings  # noqa: PLC0415
    from mtrrviz.gui.shell.workbench import Workbench, settle  # noqa: PLC0415
    from mtrrviz.gui.shell.worker import Worker  # noqa: PLC0415
    from mtrrviz.session.document import Document  # noqa: PLC0415

    settings = Settings(store)
    settings.theme = ThemeName.LIGHT if theme_name == "light" else ThemeName.DARK
    window = MainWindow(settings)
    window.resize(*size)
    document = Document(scenario)
    if policy is not None:
        document.set_policy(policy)
    document.set_playhead(time_ns)
    worker = Worker()
    workbench = Workbench(window, document, worker, settings)
    window.show()
    settle()
    return workbench
