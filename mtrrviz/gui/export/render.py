"""Pictures and films of the window or of a view, without a screen."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.gui.export.late_interrupt import late_interrupt
from mtrrviz.gui.shell.start.app import check_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from PySide6.QtCore import QCoreApplication, QSettings

    from mtrrviz.exporters.playback.film import Film
    from mtrrviz.exporters.playback.forms import FilmForm
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
    with (
        late_interrupt() as let_through,
        _window_shown(scenario, policy, time_ns, size, theme_name) as workbench,
    ):
        from mtrrviz.gui.export.pictures import save_picture  # noqa: PLC0415
        from mtrrviz.gui.export.taking import view_in_front  # noqa: PLC0415

        shown = view_in_front(workbench, view)
        let_through()
        save_picture(shown, output)


class FilmTarget(Record):
    """Where a film goes, and what is told after each frame: how many there are, of how many."""

    path: Path
    form: FilmForm
    tell: Callable[[int, int], None]


def render_film(
    scenario: Scenario,
    policy: str | None,
    film: Film,
    size: tuple[int, int],
    theme_name: str,
    output: FilmTarget,
    view: str = "window",
) -> None:
    """Write a film of a view, each frame the picture that :func:`render_window` makes."""
    with (
        late_interrupt() as let_through,
        _window_shown(scenario, policy, film.start_ns, size, theme_name) as workbench,
    ):
        from mtrrviz.exporters.playback.writing import write_film  # noqa: PLC0415
        from mtrrviz.gui.export.taking import frames_of  # noqa: PLC0415

        def tell(frames: int, of: int) -> None:
            output.tell(frames, of)
            let_through()

        frames = frames_of(workbench, view, film, tell)
        write_film(frames, film, output.form, output.path)


def app_without_screen() -> QCoreApplication:
    """Return the application that Qt needs to draw, made so that it asks for no screen."""
    check_parts()
    if not os.environ.get("QT_QPA_PLATFORM"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from mtrrviz.gui.shell.start.source_reading import spare_reading_sources  # noqa: PLC0415

    spare_reading_sources()
    return QApplication.instance() or QApplication(sys.argv[:1])


@contextmanager
def _window_shown(
    scenario: Scenario,
    policy: str | None,
    time_ns: int,
    size: tuple[int, int],
    theme_name: str,
) -> Generator[Workbench]:
    """Show a window, without a screen, as long as pictures are made of it."""
    app = app_without_screen()
    from PySide6.QtCore import QSettings as Store  # noqa: PLC0415

    with TemporaryDirectory() as directory:
        store = Store(f"{directory}/settings.ini", Store.Format.IniFormat)
        workbench = _workbench(scenario, policy, time_ns, size, theme_name, store)
        try:
            yield workbench
        finally:
            workbench.window.close()
            workbench.window.deleteLater()
    app.processEvents()


def _workbench(
    scenario: Scenario,
    policy: str | None,
    time_ns: int,
    size: tuple[int, int],
    theme_name: str,
    store: QSettings,
) -> Workbench:
    """Return a window with all that is in it, made for a picture alone."""
    from mtrrviz.gui.common.looks.theme import ThemeName  # noqa: PLC0415
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
