"""Opening and saving: questions, dialogs, recent files. The document changes only on success."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.file_kinds import is_regular, is_there
from mtrrviz.gui.common.plain_text import message_box, warn
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.documents.foreign_changes import ForeignChanges
from mtrrviz.gui.documents.journal import Journal
from mtrrviz.gui.documents.open_elsewhere import OpenElsewhere
from mtrrviz.gui.documents.saving import Saving
from mtrrviz.gui.shell.aside import Aside
from mtrrviz.importers import ImportCancelledError
from mtrrviz.importers.opening import open_request, request_for, this_machine_request
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.files.whole_file import is_read_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.importers.opening import Opened, OpenRequest
    from mtrrviz.importers.reading import FileProgress
    from mtrrviz.importers.traces.growing_import import GrowingImport, Growth
    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document

#: The name of the dialog that tells what an import did.
_REPORT = "import_report"
_OPEN_FILTER = "All files (*);;Scenarios (*.toml)"
_FILTER = "Scenarios (*.toml);;All files (*)"
_ENDING = ".mtrrviz.toml"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class Files(QObject):
    """What the File menu does.

    ``opened`` tells that recent files may have changed; ``told`` carries words on what was done;
    ``following`` carries a :class:`Following` that has begun.
    """

    opened = Signal()
    told = Signal(str)
    following = Signal(object)

    def __init__(self, document: Document, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._settings = settings
        self._window = window
        self.reading = Aside(window)
        self.saving = Saving(document, window)
        self.saving.begun.connect(self._begun)
        self.saving.done.connect(self._saved)
        self.saving.failed.connect(self._tell)
        self.journal = Journal(document, settings.journal_folder, window, self.may_discard)
        self.journal.told.connect(self.told)
        self.journal.opened.connect(self.opened)
        self.foreign = ForeignChanges(document, window, lambda: self.saving.is_under_way)
        self.foreign.reload_requested.connect(self._reload)
        self.foreign.gone.connect(self._tell_gone)
        self.elsewhere = OpenElsewhere(document, settings.open_files_folder, window)
        self.elsewhere.told.connect(self.told)

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
        from mtrrviz.session.exchange.following import growing_import  # noqa: PLC0415 - when asked for

        if self._document.scenario is not imported and not self.may_discard():
            return

        def begin(told: FileProgress, stop: Callable[[], bool]) -> tuple[GrowingImport, Growth]:
            growing = growing_import(request, trace)
            try:
                return growing, growing.poll(told, stop)
            except BaseException:
                growing.close()
                raise

        asked = self._document.scenario

        def show(begun: tuple[GrowingImport, Growth]) -> None:
            growing, growth = begun
            if self.may_discard_after(asked):
                self._follow(request, growing, growth)
            else:
                growing.close()

        Reading(self._window).start(self.reading, begin, show, self._tell)

    def _follow(self, request: OpenRequest, growing: GrowingImport, growth: Growth) -> None:
        from mtrrviz.session.exchange.following import Following  # noqa: PLC0415 - when asked for

        following = Following(self._document, growing, request)
        following.opened = lambda opened: self.show_opened(opened, [growing.path])
        self.following.emit(following)
        following.show(growth)

    def _read(self, request: OpenRequest, paths: list[Path]) -> None:
        """Open what is asked for beside the window; ``paths`` become recent files."""
        asked = self._document.scenario

        def show(opened: Opened) -> None:
            if not self.may_discard_after(asked):
                return
            self._document.open(
                opened.scenario,
                opened.path,
                is_saved=opened.imported is None,
                original=opened.original,
            )
            self.show_opened(opened, paths)

        reading = Reading(self._window)
        reading.start(self.reading, partial(open_request, request), show, self._tell)

    def show_opened(self, opened: Opened, paths: list[Path]) -> None:
        """Remember the files, and tell what an import had to assume."""
        for path in reversed(paths):
            if is_regular(path):
                self._settings.add_recent(path)
        self.opened.emit()
        for dialog in self._window.findChildren(QDialog, _REPORT):
            dialog.close()
        if opened.imported is not None:
            self._show_report(opened)

    def _show_report(self, opened: Opened) -> None:
        """Show what an import did, beside the window, which goes on working."""
        from mtrrviz.gui.documents.import_dialog import ImportDialog  # noqa: PLC0415 - when asked for

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
        """Save to the document's file, or ask for one; return whether it is being written."""
        path = self._document.path
        return self.save_as() if path is None else self._save_to(path)

    def save_as(self) -> bool:
        """Ask for a file and save to it; return whether it is being written."""
        start = self._document.path or Path.home() / (self._document.scenario.name + _ENDING)
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save the scenario", str(start), _FILTER
        )
        if not name:
            return False
        path = Path(name)
        if path.suffix == ".toml":
            return self._save_to(path)
        path = path.with_name(path.name + _ENDING)  # which the file dialog has not asked about
        return self._may_replace(path) and self._save_to(path)

    def _may_replace(self, path: Path) -> bool:
        return not os.path.lexists(path) or self._agrees(
            f"{path.name} exists already. Replace it?", "What it holds now will be gone."
        )

    def _save_to(self, path: Path) -> bool:
        if is_there(path) and not is_regular(path):  # such as a pipe nobody reads
            warn(self._window, f"{path} is not a file.", "Choose another name with Save as.")
            return False
        is_known = path == self._document.path and not self.saving.is_under_way
        if is_known and not self.foreign.may_overwrite():
            return False
        protected = is_read_only(path)
        if protected and not self._agrees(
            f"{path.name} is read-only. Write to it all the same?",
            "It stays read-only afterwards.",
        ):
            return False
        self.saving.start(path, over_read_only=protected)
        return True

    def _agrees(self, question: str, more: str) -> bool:
        """Ask what the user may not have meant; No is the usual answer."""
        buttons = QMessageBox.StandardButton
        box = message_box(
            QMessageBox.Icon.Question,
            question,
            self._window,
            more=more,
            buttons=buttons.Yes | buttons.No,
        )
        box.setDefaultButton(buttons.No)
        return buttons(box.exec()) == buttons.Yes

    def _tell_gone(self, path: Path) -> None:
        self.told.emit(f"{path.name} was removed or renamed; Save writes it again")

    def _begun(self, path: Path) -> None:
        self.told.emit(f"Saving {path.name}{_ELLIPSIS}")

    def _saved(self, path: Path) -> None:
        self._settings.add_recent(path)
        self.opened.emit()
        self.told.emit(f"Saved {path.name} in {path.absolute().parent}")

    def may_discard(self) -> bool:
        """Ask about unsaved changes, if there are any; return whether to go on.

        What is being written is waited for.
        """
        self.saving.finish()
        while self._document.is_modified:
            asked = self._document.scenario
            answer = self._answer_on_changes()
            if self._document.scenario is not asked:
                continue  # what was read meanwhile is open now, and nothing was said on that
            if answer == QMessageBox.StandardButton.Save:
                return self.save() and self.saving.finish()
            return answer == QMessageBox.StandardButton.Discard
        return True

    def may_discard_after(self, asked: Scenario) -> bool:
        """Ask again if another scenario is open than when it was asked, as after an edit."""
        return self._document.scenario is asked or self.may_discard()

    def _answer_on_changes(self) -> QMessageBox.StandardButton:
        buttons = QMessageBox.StandardButton
        box = message_box(
            QMessageBox.Icon.Question,
            f"Save the changes to {self._document.scenario.title!r} first?",
            self._window,
            title="Unsaved changes",
            buttons=buttons.Save | buttons.Discard | buttons.Cancel,
        )
        box.setDefaultButton(buttons.Save)
        return buttons(box.exec())

    def _reload(self, path: Path) -> None:
        """Read the document's file once more."""

        def read(told: FileProgress, _stop: Callable[[], bool]) -> Original:
            told(str(path), 0, 0)
            return load_original(path)

        def show(original: Original) -> None:
            if self._document.path == path:
                self._document.reload(original)
                self.told.emit(f"Reloaded {path}")

        Reading(self._window).start(self.reading, read, show, self._tell)

    def _tell(self, error: Exception) -> None:
        """Show why a file could not be opened or saved; unexpected errors go the usual way."""
        if isinstance(error, ImportCancelledError):
            return
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        warn(self._window, str(error), "The open document is as it was.")
