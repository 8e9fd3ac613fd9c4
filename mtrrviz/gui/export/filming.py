"""Export > Playback: a film of a view, or of the window, over a span of time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.output import Stopped
from mtrrviz.exporters.playback.forms import FilmForm, require_writable
from mtrrviz.gui.documents.chosen_file import chosen_file
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.export.film_order import FilmOrder, WindowShown

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.exporters.playback.film import Film
    from mtrrviz.gui.export.exports import Exports
    from mtrrviz.gui.export.film_dialog import FilmDialog
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.importers.reading import FileProgress
    from mtrrviz.session.document import Document

    MakeFilm = Callable[[FilmOrder, Callable[[int], None], Callable[[], bool]], None]


class Filming(QObject):
    """Films views. ``done`` carries words on what was written, ``refused`` why it was not.

    ``shown`` tells what the window shows now: another one that shows the same is filmed, by
    ``make`` (another process if None), and the user's window stays as it is. ``worker`` is a
    thread of its own.
    """

    done = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        document: Document,
        worker: Worker,
        exports: Exports,
        shown: Callable[[], WindowShown],
        window: QWidget,
        make: MakeFilm | None = None,
    ) -> None:
        super().__init__(window)
        self._document = document
        self._worker = worker
        self._exports = exports
        self._shown = shown
        self._window = window
        self._make = make or _film_apart
        self._writing: Reading | None = None

    def ask(self, views: tuple[str, ...]) -> None:
        """Ask what to film, of ``views`` that say something now, and where to."""
        from mtrrviz.gui.export.film_dialog import FilmDialog  # noqa: PLC0415 - when asked for

        if self._writing is not None:
            self.refused.emit("A film is being made; wait for it or cancel it.")
            return
        if self._document.state is None:
            self.refused.emit("There is nothing to film yet: the first run is being made.")
            return
        in_hand = self._exports.view_in_hand
        dialog = FilmDialog(
            views,
            in_hand if in_hand in views else "window",
            self._span_ns(),
            self._document.duration_ns,
            self._window.size(),
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._ask_file(dialog))
        dialog.open()

    def _span_ns(self) -> tuple[int, int]:
        """Return the span to begin with: that between the markers, else the whole scenario."""
        a_ns, b_ns = (self._document.marker(name) for name in ("A", "B"))
        if a_ns is None or b_ns is None or a_ns == b_ns:
            return 0, self._document.duration_ns
        return min(a_ns, b_ns), max(a_ns, b_ns)

    def _ask_file(self, dialog: FilmDialog) -> None:
        form, view = dialog.form, dialog.view
        ending = f".{view}{form.suffix}" if view != "window" else form.suffix
        path = self._document.path
        folder = path.parent if path is not None else Path.home()
        start = str(folder / f"{self._document.scenario.name}{ending or '-frames'}")
        words = f"{form} (*{form.suffix})" if form.suffix else "New folder (*)"
        name, _ = QFileDialog.getSaveFileName(self._window, "Export playback", start, words)
        chosen = chosen_file(name, form.suffix, self.refused.emit)
        if chosen is not None:
            self.film(view, dialog.film(), dialog.size_px, form, chosen)

    def film(
        self, view: str, film: Film, size_px: tuple[int, int], form: FilmForm, path: Path
    ) -> None:
        """Write a film of a view in a window of a size, beside the user's work."""
        try:
            require_writable(path, form)
        except MtrrvizError as error:
            self.refused.emit(str(error))
            return
        order = FilmOrder(self._shown(), view, size_px, film, form, path)

        def write(tell: FileProgress, is_stopped: Callable[[], bool]) -> None:
            self._make(order, lambda number: tell(path.name, number, film.frames), is_stopped)

        self._writing = Reading(self._window, "Filming", is_undone_by_cancel=False)
        self._writing.start(self._worker, write, lambda _result: self._end(path), self._fail)

    def _end(self, path: Path) -> None:
        self._writing = None
        self.done.emit(f"Film saved: {path}")

    def _fail(self, error: Exception) -> None:
        self._writing = None
        if isinstance(error, Stopped):
            self.done.emit(str(error))
            return
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        self.refused.emit(str(error))

    def stop(self) -> None:
        """Stop the film that is being made and wait for that, before the window goes."""
        if self._writing is not None:
            self._writing.stop()
        self._worker.wait()


def _film_apart(
    order: FilmOrder, tell: Callable[[int], None], is_stopped: Callable[[], bool]
) -> None:
    # Only now: multiprocessing is loaded for films alone.
    from mtrrviz.gui.export.film_process import film_apart  # noqa: PLC0415

    film_apart(order, tell, is_stopped)
