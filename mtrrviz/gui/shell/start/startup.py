"""The first second of the window: frame first, then model and views, then the scenario."""

from __future__ import annotations

import gc
import importlib
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from mtrrviz.gui.common.looks import style
from mtrrviz.gui.common.plain_text import warn
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.start.interrupt import exit_code_of
from mtrrviz.paths import STDIN, resources_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.gui.shell.aside import Aside
    from mtrrviz.gui.shell.workbench import Workbench
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.importers.opening import Opened

#: A window that is not painted by then, being minimised perhaps, is filled all the same.
_LONGEST_WAIT_MS = 400
#: By then all that lives as long as the window is there: the garbage collector need not go
#: through it again and again, which would cost frames.
_SETTLED_MS = 3000
#: The tour begins when the window was seen for a moment.
TOUR_MS = 1200
#: Loading modules ends by then; a thread that still waits is left behind.
_LONGEST_LOADING_S = 5
#: What is open where nothing else can be.
SANDBOX = "sandbox"
#: Modules that take long to import; loaded beside the painted frame, so that it stays alive.
_HEAVY = (
    "numpy",
    "mtrrviz.session.document",
    "mtrrviz.importers.opening",
    "mtrrviz.gui.shell.workbench",
)


class Startup(QObject):
    """Shows the frame, loads everything in the background, then fills the frame.

    ``names`` are a scenario or the dumps of one machine, or a lesson; none for the default boot,
    with a tour for a new user. ``stdin`` is a file with standard input, which "-" among the names
    stands for. ``ready`` carries the workbench. What cannot be opened is told in a dialog, and the
    sandbox opens instead. With ``follow`` the one name is that of a trace to follow: the sandbox is
    there until its first event.
    """

    ready = Signal(object)

    def __init__(
        self,
        names: Sequence[str] = (),
        settings: Settings | None = None,
        *,
        follow: bool = False,
        stdin: Path | None = None,
    ) -> None:
        super().__init__()
        self._stdin = stdin
        self._lesson = lesson_among(names)
        is_other = follow or self._lesson is not None
        self._names = (SANDBOX,) if is_other else tuple(names)
        self._trace = Path(names[0]) if follow else None
        self._settings = settings or Settings()
        self.exit_code = 0
        self.window: MainWindow | None = None
        self.workbench: Workbench | None = None
        self._worker: Worker | None = None
        self._reading: Aside | None = None

    def begin(self) -> None:
        """Show the frame and go on once it is painted."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setApplicationName("mtrrviz")
            app.setApplicationDisplayName("mtrrviz")
            app.setDesktopFileName("io.github.mtrrviz.mtrrviz")
            theme = self._settings.frame_theme
            style.apply(style.resolve(theme, self._settings.palette), app)
        self.window = MainWindow(self._settings)
        self.window.fit_into_screen()
        self.window.first_painted.connect(lambda: QTimer.singleShot(0, self, self._load))
        self.window.show()
        QTimer.singleShot(_LONGEST_WAIT_MS, self, self._load)

    def end(self) -> None:
        """Wait for what is being loaded, but not for a pipe that nobody writes."""
        if self._reading is not None:
            self._reading.finish(_LONGEST_LOADING_S)

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """Close the window without asking anything, as Ctrl-C or SIGTERM wants it.

        Unsaved edits are offered at the next start.
        """
        self.exit_code = exit_code_of(number)
        if self.workbench is not None:
            self.workbench.files.journal.stay()
        if self.window is not None:
            self.window.ask_before_closing(lambda: True)
            self.window.close()
        QApplication.exit(self.exit_code)  # also from within a dialog

    def _load(self) -> None:
        """Import the model and read the scenario beside the painted frame; the first call counts.

        Not before the frame is painted: imports in another thread hold this one up.
        """
        if self._worker is not None:
            return
        from mtrrviz.gui.shell.aside import Aside  # noqa: PLC0415
        from mtrrviz.gui.shell.start import error_report  # noqa: PLC0415
        from mtrrviz.gui.shell.worker import Worker  # noqa: PLC0415

        error_report.install()
        QGuiApplication.setWindowIcon(QIcon(str(resources_dir() / "icons" / "mtrrviz.svg")))
        self._worker = Worker(self, pauses=True)
        self._reading = Aside(self)
        self._reading.run(lambda: load(self._names, self._stdin), self._fill, self._failed)

    def _fill(self, opened: Opened) -> None:
        from mtrrviz.gui.shell.workbench import Workbench  # noqa: PLC0415
        from mtrrviz.session.document import Document  # noqa: PLC0415

        if self.window is None or self._worker is None:
            return
        document = Document(
            opened.scenario,
            executor=self._worker.run,
            path=opened.path,
            is_saved=opened.imported is None,
            original=opened.original,
        )
        # What was painted stays until all is there, not half of it.
        self.window.setUpdatesEnabled(False)
        bench = Workbench(self.window, document, self._worker, self._settings, in_steps=True)
        self._fill_more(bench, opened)

    def _fill_more(self, bench: Workbench, opened: Opened) -> None:
        """Go on filling the window, with time for the event loop after each step."""
        if bench.fill_more():
            QTimer.singleShot(0, bench, lambda: self._fill_more(bench, opened))
            return
        bench.window.setUpdatesEnabled(True)
        self.workbench = bench
        self._settings.remember_scheme(self.workbench.bridge.theme.is_dark)
        QTimer.singleShot(_SETTLED_MS, self, gc.freeze)
        self.workbench.files.show_opened(opened, [Path(name) for name in self._names])
        if self._trace is not None:
            self.workbench.files.follow_file(self._trace)
        elif self._lesson is not None:
            self.workbench.lessons.open(self._lesson)
        elif not self._names and not self._settings.knows_tour:
            QTimer.singleShot(TOUR_MS, self.workbench, self._begin_tour)
        if self._trace is None:
            journal = self.workbench.files.journal
            QTimer.singleShot(0, journal, journal.offer)
        self.ready.emit(self.workbench)

    def _begin_tour(self) -> None:
        """Show a new user what is where, once, unless they do or are asked something already."""
        is_busy = self.workbench is None or self.workbench.document.is_modified
        if self.workbench is not None and not is_busy and not self.workbench.files.journal.dialog:
            self._settings.knows_tour = True
            self.workbench.lessons.open_tour()

    def _failed(self, error: Exception) -> None:
        from mtrrviz.core.errors import MtrrvizError  # noqa: PLC0415

        if self._reading is None or not isinstance(error, MtrrvizError | OSError):
            raise error
        warn(self.window, str(error), "The sandbox opens instead.")
        self._names = ()
        self._reading.run(lambda: load((SANDBOX,)), self._fill, self._failed)


def lesson_among(names: Sequence[str]) -> Path | None:
    """Return the lesson, if one file is named and it is one."""
    path = Path(names[0]) if len(names) == 1 else None
    return path if path is not None and path.suffix.lower() == ".md" and path.is_file() else None


def load(names: Sequence[str], stdin: Path | None = None) -> Opened:
    """Return what is to be opened; runs in the background thread, imports included.

    ``stdin`` is a file with standard input, which the name "-" stands for.
    """
    for module in _HEAVY:
        importlib.import_module(module)
    from mtrrviz.importers.opening import STDIN_NAME, open_request, request_for  # noqa: PLC0415
    from mtrrviz.scenario.library import DEFAULT_NAME  # noqa: PLC0415

    files = [
        (STDIN_NAME, stdin) if name == STDIN and stdin is not None else Path(name)
        for name in names or (DEFAULT_NAME,)
    ]
    return open_request(request_for(files))
