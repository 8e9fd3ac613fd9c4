"""Opening and saving: questions, dialogs, recent files. The document changes only on success."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.plain_text import message_box, warn
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.documents.foreign_changes import ForeignChanges
from mtrrviz.gui.documents.import_dialog import ImportDialog
from mtrrviz.importers import ImportCancelledError
from mtrrviz.importers.opening import open_request, request_for, this_machine_request
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.session.following import Following, growing_import

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.importers.opening import Opened, OpenRequest
    from mtrrviz.importers.reading import FileProgress
    from mtrrviz.importers.traces.growing_import import GrowingImport, Growth
    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document

_OPEN_FILTER = "All files (*);;Scenarios (*.toml)"
_FILTER = "Scenarios (*.toml);;All files (*)"
_ENDING = ".mtrrviz.toml"


class Files(QObject):
    """What the File menu does.

    ``opened`` tells that recent files may have changed; ``told`` carries words on what was done;
    ``following`` carries a :class:`Following` that has begun.
    """

    opened = Signal()
    told = Signal(str)
    following = Signal(object)

    def __init__(
        self, document: Document, worker: Worker, settings: Settings, window: QWidget
    ) -> None:
        super().__init__(window)
        self._document = document
        self._worker = worker
        self._settings = settings
        self._window = window
        self.foreign = ForeignChanges(document, window)
        self.foreign.reload_requested.connect(self._reload)

    @property
    def document(self) -> Document:
        """The document that files are opened into and saved from."""
        return self._document

    def start_new(self, scenario: Scenario) -> None:
        """Show a scenario that is in no file yet, asking about unsaved changes first."""
        if self.may_discard():
            self._document.open(scenario, None, is_saved=False)
            self.opened.emit()

    def ask_open(self) -> None:
        """Let the user choose a file, or several dumps of one machine, and open them."""
        start = str(self._document.path or Path.home())
        title = "Open a scenario, or what a machine printed"
        names, _ = QFileDialog.getOpenFileNames(self._window, title, start, _OPEN_FILTER)
        if names:
            self.open(*names)

    def open(self, *names: str) -> None:
        """Open a file, a built-in scenario, or the machine that several dumps describe together.

        Unsaved changes are asked about first.
        """
        paths = [Path(name) for name in names]
        if self.may_discard():
            self._read(request_for(paths), paths)

    def paste(self) -> None:
        """Import the text on the clipboard."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            words = "There is no text on the clipboard."
            more = "Copy what the machine printed, a trace or rdmsr, then paste."
            message_box(QMessageBox.Icon.Information, words, self._window, more=more).exec()
            return
        request = request_for([("pasted text", text.encode(errors="replace"))])
        if self.may_discard():
            self._read(request, [])

    def read_this_machine(self) -> None:
        """Import what this machine shows to its user."""
        request = this_machine_request()
        if self.may_discard():
            self._read(request, [])

    def import_again(self, request: OpenRequest, imported: Scenario) -> None:
        """Import once more with other answers; only edits since the import are asked about."""
        if self._document.scenario is imported or self.may_discard():
            self._read(request, [])

    def ask_follow(self) -> None:
        """Let the user choose a trace that is being written, and follow it."""
        start = str(self._document.path or Path.home())
        title = "Follow a trace that is being written"
        name, _ = QFileDialog.getOpenFileName(self._window, title, start, "All files (*)")
        if name:
            self.follow_file(Path(name))

    def follow_file(self, trace: Path) -> None:
        """Follow a trace by itself."""
        self.follow(request_for([trace]), trace)

    def follow(self, request: OpenRequest, trace: Path, imported: Scenario | None = None) -> None:
        """Import a request, then go on with what is appended to ``trace``.

        ``imported`` is what the same request gave before: only edits since are asked about.
        """
        if self._document.scenario is not imported and not self.may_discard():
            return

        def begin(told: FileProgress, stop: Callable[[], bool]) -> tuple[GrowingImport, Growth]:
            growing = growing_import(request, trace)
            try:
                return growing, growing.poll(told, stop)
            except BaseException:
                growing.close()
                raise

        reading = Reading(self._window)
        reading.start(self._worker, begin, lambda begun: self._follow(request, *begun), self._tell)

    def _follow(self, request: OpenRequest, growing: GrowingImport, growth: Growth) -> None:
        following = Following(self._document, growing, request)
        following.opened = lambda opened: self.show_opened(opened, [growing.path])
        self.following.emit(following)
        following.show(growth)

    def _read(self, request: OpenRequest, paths: list[Path]) -> None:
        """Open what is asked for beside the window; ``paths`` become recent files."""

        def show(opened: Opened) -> None:
            self._document.open(
                opened.scenario,
                opened.path,
                is_saved=opened.imported is None,
                original=opened.original,
            )
            self.show_opened(opened, paths)

        reading = Reading(self._window)
        reading.start(self._worker, partial(open_request, request), show, self._tell)

    def show_opened(self, opened: Opened, paths: list[Path]) -> None:
        """Remember the files, and tell what an import had to assume."""
        for path in reversed(paths):
            if path.is_file():
                self._settings.add_recent(path)
        self.opened.emit()
        for dialog in self._window.findChildren(ImportDialog):
            dialog.close()
        if opened.imported is not None:
            self._show_report(opened)

    def _show_report(self, opened: Opened) -> None:
        """Show what an import did, beside the window, which goes on working."""
        dialog = ImportDialog(opened, self._window)

        def again(request: OpenRequest) -> None:
            self.import_again(request, opened.scenario)

        def follow(trace: Path) -> None:
            if opened.request is not None:
                self.follow(opened.request, trace, opened.scenario)

        dialog.again.connect(again)
        dialog.follow.connect(follow)
        dialog.show()

    def save(self) -> bool:
        """Save to the document's file, or ask for one; return whether it was saved."""
        path = self._document.path
        return self.save_as() if path is None else self._save_to(path)

    def save_as(self) -> bool:
        """Ask for a file and save to it; return whether it was saved."""
        start = self._document.path or Path.home() / (self._document.scenario.name + _ENDING)
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save the scenario", str(start), _FILTER
        )
        if not name:
            return False
        path = Path(name)
        return self._save_to(
            path if path.suffix == ".toml" else path.with_name(path.name + _ENDING)
        )

    def _save_to(self, path: Path) -> bool:
        document = self._document
        if path == document.path and not self.foreign.may_overwrite():
            return False
        try:
            saved = save_scenario(document.scenario, path, document.original)
        except OSError as error:
            self._tell(error)
            return False
        document.mark_saved(saved.scenario, path, saved)
        self._settings.add_recent(path)
        self.opened.emit()
        self.told.emit(f"Saved to {path}")
        return True

    def may_discard(self) -> bool:
        """Ask about unsaved changes, if there are any; return whether to go on."""
        if not self._document.is_modified:
            return True
        buttons = QMessageBox.StandardButton
        box = message_box(
            QMessageBox.Icon.Question,
            f"Save the changes to {self._document.scenario.title!r} first?",
            self._window,
            title="Unsaved changes",
            buttons=buttons.Save | buttons.Discard | buttons.Cancel,
        )
        box.setDefaultButton(buttons.Save)
        answer = buttons(box.exec())
        if answer == buttons.Save:
            return self.save()
        return answer == buttons.Discard

    def _reload(self, path: Path) -> None:
        """Read the document's file once more."""

        def read(told: FileProgress, _stop: Callable[[], bool]) -> Original:
            told(str(path), 0, 0)
            return load_original(path)

        def show(original: Original) -> None:
            if self._document.path == path:
                self._document.reload(original)
                self.told.emit(f"Reloaded {path}")

        Reading(self._window).start(self._worker, read, show, self._tell)

    def _tell(self, error: Exception) -> None:
        """Show why a file could not be opened or saved; unexpected errors go the usual way."""
        if isinstance(error, ImportCancelledError):
            return
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        warn(self._window, str(error), "The open document is as it was.")
