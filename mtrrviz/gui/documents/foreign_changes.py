"""Noticing that another program changed the open file, and asking which version to keep."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFile, QFileSystemWatcher, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from mtrrviz.session.changes import Change
from mtrrviz.session.exchange.file_on_disk import FileOnDisk

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.documents.changed_file_dialog import Answer, ChangedFileDialog
    from mtrrviz.session.document import Document

_SETTLING_MS = 200
"""Programs write a file in steps: it is looked at once they are over."""


class ForeignChanges(QObject):
    """Watches the document's file, and asks when it is another one than the user opened.

    ``reload_requested`` carries the path of the file that the user wants to see as it is now,
    ``gone`` that of a file that is there no longer: what is open counts as unsaved then.
    """

    reload_requested = Signal(object)
    gone = Signal(object)

    def __init__(self, document: Document, window: QWidget, is_saving: Callable[[], bool]) -> None:
        super().__init__(window)
        self._document = document
        self._is_saving = is_saving
        self._window = window
        self._disk = FileOnDisk(document)
        self._asked: bytes | None = None
        self._dialog: ChangedFileDialog | None = None
        self._is_stopped = False
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLING_MS)
        self._timer.timeout.connect(self.look)
        self._watcher.fileChanged.connect(self._timer.start)
        self._watcher.directoryChanged.connect(self._timer.start)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._state_changed)
        document.subscribe(self._document_changed)
        self._watch()

    def stop(self) -> None:
        """Watch no file any more; a system lets a program have few watchers."""
        if not self._is_stopped:  # a window can be closed once more
            self._is_stopped = True
            self._watcher.deleteLater()

    def look(self) -> None:
        """Ask about what another program wrote, once for each content.

        While the window itself writes the file, what is there is its own; it is looked at later.
        So it is while another question is open, which is answered first.
        """
        from mtrrviz.gui.documents.changed_file_dialog import Answer  # noqa: PLC0415 - when asked for

        if self._is_saving():
            self._timer.start()
            return
        self._watch()  # a file that was replaced is another one
        if self._disk.is_gone:
            self._document.mark_unsaved()
            self.gone.emit(self._document.path)
        data = self._disk.foreign_data()
        if data is None or data == self._asked:
            return
        if QApplication.activeModalWidget() is not None:
            self._timer.start()
            return
        self._asked = data
        self._dialog = self._make_dialog(data, is_saving=False)

        def finished(answer: int) -> None:
            self._answered(Answer(answer), data)

        self._dialog.finished.connect(finished)
        self._dialog.open()

    def may_overwrite(self) -> bool:
        """Ask before saving over what another program wrote; return whether to go on."""
        from mtrrviz.gui.documents.changed_file_dialog import Answer  # noqa: PLC0415 - when asked for

        data = self._disk.foreign_data()
        if data is None:
            return True
        self._asked = data
        answer = Answer(self._make_dialog(data, is_saving=True).exec())
        self._answered(answer, data)
        return answer is Answer.KEEP

    def _make_dialog(self, data: bytes, *, is_saving: bool) -> ChangedFileDialog:
        from mtrrviz.gui.documents.changed_file_dialog import ChangedFileDialog  # noqa: PLC0415 - when asked for

        path = str(self._document.path)
        return ChangedFileDialog(
            path, lambda: self._disk.difference(data), self._window, is_saving=is_saving
        )

    def _answered(self, answer: Answer, data: bytes) -> None:
        from mtrrviz.gui.documents.changed_file_dialog import Answer  # noqa: PLC0415 - when asked for

        if answer is Answer.RELOAD:
            self.reload_requested.emit(self._document.path)
        elif answer is Answer.KEEP:
            self._disk.keep_mine(data)

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.FILE in changes or Change.OPENED in changes:
            self._watch()

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self._timer.start()

    def _watch(self) -> None:
        """Watch the document's file and its folder, in which programs replace it."""
        path = self._document.path and Path(os.path.realpath(self._document.path))
        wanted = {str(path), str(path.parent)} if path is not None else set[str]()
        if self._is_stopped:
            return
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        present = [name for name in sorted(wanted - watched) if QFile.exists(name)]
        if present:
            self._watcher.addPaths(present)
