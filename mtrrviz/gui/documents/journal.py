"""The window's journal: edits are kept, and what an earlier window left is offered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.words import plural
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
    from mtrrviz.scenario.model import Scenario
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
        self._stays = self._is_closed = False
        self._restored: list[JournalFolder] = []
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
        self._is_closed = True
        self.finish()
        self._worker.wait()
        self._remove_restored()
        if self._stays:
            self.keeper.leave()
        else:
            self.keeper.remove()

    def offer(self) -> None:
        """Ask what to do with the work that earlier windows left, if there is any.

        It is read beside the window, as it may be much.
        """
        if folders := left_in(self._root):
            self.reading.run(lambda: list(map(_read, folders)), self._ask, _raise)

    def _ask(self, found: list[UnsavedWork | OSError]) -> None:
        works: list[UnsavedWork] = []
        for work in found:
            if isinstance(work, OSError):
                self.told.emit(f"Unsaved work cannot be read: {work}")
            elif self._is_closed:
                work.folder.release()
            else:
                works.append(work)
        if not works:
            return
        from mtrrviz.gui.documents.unsaved_dialog import UnsavedDialog  # noqa: PLC0415 - when asked for

        dialog = UnsavedDialog(works, self._window)
        dialog.restore.connect(self.restore)
        dialog.discard.connect(_discard)
        dialog.finished.connect(partial(self._decided, dialog))
        self.dialog = dialog
        dialog.open()

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
            partial(self._show, work, self._document.scenario),
            partial(self._not_restored, work),
        )

    def _not_restored(self, work: UnsavedWork, error: Exception) -> None:
        work.folder.release()
        if self._is_closed or isinstance(error, ImportCancelledError):
            return
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        warn(self._window, f"The work cannot be restored: {error}", "It is kept as it is.")

    def _show(self, work: UnsavedWork, asked: Scenario, found: RestoredWork) -> None:
        """Open what was read; ask again if another scenario than ``asked`` is open by now."""
        is_other = self._document.scenario is not asked
        if self._is_closed or (is_other and not self._may_discard()):
            work.folder.release()
            return
        found.show_in(self._document)
        self.keeper.begin_restored(found.edits)
        if found.lost:
            work.folder.release()
            edits = plural(len(found.lost), "later edit")
            words = f"{edits} cannot be restored: {found.lost[-1]}"
            warn(self._window, words, "What is there is offered again at the next start.")
        else:
            self._restored.append(work.folder)
            # The worker does one after the other: first it keeps the work.
            self._worker.run(_nothing, lambda _: self._remove_restored())
        self.opened.emit()
        self.told.emit(f"Restored unsaved work: {found.size_words}")

    def _remove_restored(self) -> None:
        """Remove the journals of restored work, unless this window's own could not be written."""
        folders, self._restored = self._restored, []
        for folder in folders:
            if self.keeper.holds_all:
                folder.remove()
            else:
                folder.release()

    def _tell_failure(self, error: OSError) -> None:
        self.told.emit(f"Unsaved edits are not kept, save them: {error}")


def _read(folder: JournalFolder) -> UnsavedWork | OSError:
    """Return the work that is in a folder, or why it cannot be read."""
    from mtrrviz.session.journal.unsaved_work import read_unsaved  # noqa: PLC0415 - when asked for

    try:
        return read_unsaved(folder)
    except OSError as error:
        folder.release()
        return error


def _raise(error: Exception) -> None:
    raise error


def _nothing() -> None:
    """Be done: what was asked for before is done then, too."""


def _discard(work: UnsavedWork) -> None:
    work.folder.remove()
