"""Telling that the open file is open in another window of mtrrviz too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from mtrrviz.session.changes import Change
from mtrrviz.session.exchange.open_files import OpenFile

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.session.document import Document


class OpenElsewhere(QObject):
    """Follows which file a document has; ``told`` carries words once it is open elsewhere too.

    Windows tell each other by files in ``root``.
    """

    told = Signal(str)

    def __init__(self, document: Document, root: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._file = OpenFile(root)
        self._path: Path | None = None
        self._is_stopped = False
        document.subscribe(self._changed)

    def look(self) -> None:
        """Hold the file that is open now, and say so if another window has it open too."""
        path = self._path = self._document.path
        if path is None or self._is_stopped:
            self._file.release()
        elif self._file.hold(path):
            self.told.emit(
                f"{path.name} is open in another window of mtrrviz too."
                " When one saves it, the other asks which version to keep."
            )

    def stop(self) -> None:
        """Hold nothing any longer: the window is closed."""
        self._is_stopped = True
        self._file.release()

    def _changed(self, changes: frozenset[Change]) -> None:
        if Change.OPENED in changes or self._document.path != self._path:
            self._path = self._document.path
            QTimer.singleShot(0, self, self.look)  # after what is said of the opening itself
