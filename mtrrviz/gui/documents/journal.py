"""The window's journal: edits are kept, and what an earlier window left is offered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.plain_text import warn
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.shell.aside import Aside
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.importers import ImportCancelledError
from mtrrviz.session.journal.folders import left_in
from mtrrviz.session.journal.keeper import Keeper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.documents.unsaved_dialog import UnsavedDialog
    from mtrrviz.session.document import Document
    from mtrrviz.session.journal.folders import JournalFolder
    from mtrrviz.session.journal.unsaved_work import RestoredWork, UnsavedWork


class Journal(QObject):
    """Keeps the edits of a document in ``root`` until the window is closed.

    ``told`` carries words on what was done or not, ``opened`` tells that work was restored.
    ``may_discard`` asks about unsaved changes before other work is opened.
    """

    told = Signal(str)
    opened = Signal()

    def __init__(
        self, document: Document, root: Path, window: QWidget, may_discard: Callable[[], bool]
    ) -> None:
        super().__init__(window)
        self._document = document
        self._root = root
        self._window = window
        self._may_discard = may_discard
        self._worker = Worker(self)
        self.reading = Aside(self)
        self._stays = False
        self.keeper = Keeper(document, root, self._worker.run, self._tell_failure)
        self.dialog: UnsavedDialog | None = None

    def finish(self) -> None:
        """Wait until the last edit is kept."""
        self._worker.finish()

    def stay(self) -> None:
        """Let the journal stay when the window is closed without a question."""
        self._stays = True

    def close(self) -> None:
        """Remove the journal, since all is saved or given up, or leave it to the next start."""
        self.finish()
        self._worker.wait()
        if self._stays:
            self.keeper.leave()
        else:
            self.keeper.remove()

    def offer(self) -> None:
        """Ask what to do with the work that earlier windows left, if there is any."""
        works = [work for folder in left_in(self._root) if (work := self._read(folder)) is not None]
        if not works:
            return
        from mtrrviz.gui.documents.unsaved_dialog import UnsavedDialog  # noqa: PLC0415 - when asked for

        dialog = UnsavedDialog(works, self._window)
        dialog.restore.connect(self.restore)
        dialog.discard.connect(_discard)
        dialog.finished.connect(partial(self._decided, dialog))
        self.dialog = dialog
        dialog.open()

    def _read(self, folder: JournalFolder) -> UnsavedWork | None:
        """Return the work that is in a folder, None if it cannot be read, which is told."""
        from mtrrviz.session.journal.unsaved_work import read_unsaved  # noqa: PLC0415 - when asked for

        try:
            return read_unsaved(folder)
        except OSError as error:
            folder.release()
            self.told.emit(f"Unsaved work cannot be read: {error}")
            return None

    def _decided(self, dialog: UnsavedDialog, _answer: int) -> None:
        for work in dialog.left:
            work.folder.release()
        self.dialog = None

    def restore(self, work: UnsavedWork) -> None:
        """Read unsaved work beside the window and open it.

        Its journal is removed once this window's own holds the work.
        """
        from mtrrviz.session.journal.unsaved_work import restored  # noqa: PLC0415 - when asked for

        if not self._may_discard():
            work.folder.release()
            return
        Reading(self._window).start(
            self.reading,
            lambda _told, _stop: restored(work),
            partial(self._show, work),
            partial(self._not_restored, work),
        )

    def _not_restored(self, work: UnsavedWork, error: Exception) -> None:
        work.folder.release()
        if isinstance(error, ImportCancelledError):
            return
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        warn(self._window, f"The work cannot be restored: {error}", "It is kept as it is.")

    def _show(self, work: UnsavedWork, found: RestoredWork) -> None:
        found.show_in(self._document)
        self.keeper.begin_restored(work.edits)
        self.finish()
        if self.keeper.kept is self._document.scenario:
            work.folder.remove()
        else:
            work.folder.release()
        self.opened.emit()
        self.told.emit(f"Restored unsaved work: {work.size_words}")

    def _tell_failure(self, error: OSError) -> None:
        self.told.emit(f"Unsaved edits are not kept, save them: {error}")


def _discard(work: UnsavedWork) -> None:
    work.folder.remove()
