"""A window that looks like one of another process, on no screen, to be filmed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QApplication

from mtrrviz.exporters.playback.writing import write_film
from mtrrviz.gui.export.taking import frames_of, wait_for_work
from mtrrviz.gui.shell.looks import take_looks
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.session.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mtrrviz.gui.export.film_order import FilmOrder, WindowShown


def make_film(order: FilmOrder, tell: Callable[[int, int], None]) -> None:
    """Make a film; MtrrvizError, OSError, and what ``tell`` raises after a frame."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    with _double(order.shown, order.size_px) as workbench:
        frames = frames_of(workbench, order.view, order.film, tell)
        write_film(frames, order.film, order.form, order.path)
    app.processEvents()


@contextmanager
def _double(shown: WindowShown, size_px: tuple[int, int]) -> Generator[Workbench]:
    with TemporaryDirectory() as folder:
        settings = Settings(QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat))
        take_looks(settings, shown.looks)
        settings.store_window(QByteArray(), QByteArray(shown.layout))
        window = MainWindow(settings)
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        window.resize(*size_px)
        document = Document(shown.scenario, known_runs=shown.runs)
        document.set_costs(shown.costs)
        for name, time_ns in shown.markers.items():
            document.set_marker(name, time_ns)
        workbench = Workbench(window, document, Worker(window), settings)
        window.show()
        wait_for_work(workbench)
        _look_at_the_same(workbench, shown)
        yield workbench
        window.close()
        window.deleteLater()


def _look_at_the_same(workbench: Workbench, shown: WindowShown) -> None:
    """Let views show the same pages and the same stretch of time as those of the first window."""
    workbench.views.map.map.canvas.set_view(shown.map_view)
    timeline = workbench.views.timeline.canvas
    timeline.set_axis(timeline.axis.spanning(*shown.span_ns))
    if workbench.is_story_shown != shown.shows_story:
        workbench.toggle_story()
