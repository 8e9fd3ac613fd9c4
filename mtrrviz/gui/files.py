"""Opening and saving: questions, dialogs, recent files. The document changes only on success."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.saver import save_scenario

if TYPE_CHECKING:
    from mtrrviz.gui.settings import Settings
    from mtrrviz.gui.worker import Worker
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document

_FILTER = "Scenarios (*.toml);;All files (*)"
_ENDING = ".mtrrviz.toml"


class Files(QObject):
    """What the File menu does. ``opened`` tells that recent files may have changed."""

    opened = Signal()

    def __init__(
        self, document: Document, worker: Worker, settings: Settings, window: QWidget
    ) -> None:
        super().__init__(window)
        self._document = document
        self._worker = worker
        self._settings = settings
        self._window = window

    def ask_open(self) -> None:
        """Let the user choose a file and open it."""
        start = str(self._document.path or Path.home())
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a scenario", start, _FILTER)
        if name:
            self.open(name)

    def open(self, name: str) -> None:
        """Open a file or a built-in scenario by name, asking about unsaved changes first."""
        if self.may_discard():
            self._worker.run(
                lambda: open_scenario(name),
                lambda scenario: self._show(scenario, name),
                self._tell,
            )

    def _show(self, scenario: Scenario, name: str) -> None:
        path = Path(name)
        is_file = path.is_file()
        self._document.open(scenario, path if is_file else None)
        if is_file:
            self._settings.add_recent(path)
        self.opened.emit()

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
        try:
            saved = save_scenario(self._document.scenario, path)
        except OSError as error:
            self._tell(error)
            return False
        self._document.mark_saved(saved, path)
        self._settings.add_recent(path)
        self.opened.emit()
        return True

    def may_discard(self) -> bool:
        """Ask about unsaved changes, if there are any; return whether to go on."""
        if not self._document.is_modified:
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Unsaved changes",
            f"Save the changes to {self._document.scenario.title!r} first?",
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            return self.save()
        return answer == buttons.Discard

    def _tell(self, error: Exception) -> None:
        """Show why a file could not be opened or saved; unexpected errors go the usual way."""
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        box = QMessageBox(QMessageBox.Icon.Warning, "mtrrviz", str(error), parent=self._window)
        box.setInformativeText("The open document is as it was.")
        box.exec()


OpenFile = Callable[[str], None]
