"""Keeping unsaved edits: after each, the scenario goes to the journal beside the program's work."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from mtrrviz.session.changes import Change
from mtrrviz.session.journal.edited_work import EditedWork
from mtrrviz.session.journal.folders import JournalFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document
    from mtrrviz.session.journal.written_journal import WrittenJournal
    from mtrrviz.session.runs import Executor


class Keeper:
    """Follows a document and keeps its newest unsaved state in a journal in ``root``.

    ``run`` decides where files are written; edits that come faster than that are kept together.
    ``failed`` hears of an error there, and the next edit is another try. Nothing is kept of a
    document without edits, of the scenario or of the wanted map. The folder is made at the first.
    """

    def __init__(
        self, document: Document, root: Path, run: Executor, failed: Callable[[OSError], None]
    ) -> None:
        self._document = document
        self._root = root
        self._run = run
        self._failed = failed
        self._lock = Lock()
        self._is_writing = False
        self._waiting: EditedWork | None = None
        self._has_waiting = False
        self._restored_edits: int | None = None
        self._journal: WrittenJournal | None = None
        self.kept: Scenario | None = None
        """The scenario that the journal holds, None if it holds none."""
        self.holds_all = True
        """Whether the journal holds what it was handed last."""
        document.subscribe(self._changed)

    def begin_restored(self, edits: int) -> None:
        """Keep what has just been opened, as restored work of so many edits."""
        self._restored_edits = edits - self._document.edit_count
        self._keep()

    def remove(self) -> None:
        """Remove the journal; nothing may be under way any longer."""
        if self._journal is not None:
            self._journal.folder.remove()
            self._journal = None

    def leave(self) -> None:
        """Leave the journal to the next start; nothing may be under way any longer."""
        if self._journal is not None:
            self._journal.folder.release()
            self._journal = None

    def _changed(self, changes: frozenset[Change]) -> None:
        if Change.OPENED in changes:
            self._restored_edits = None
        if changes & {Change.SCENARIO, Change.FILE, Change.OPENED, Change.WANTED}:
            self._keep()

    def _keep(self) -> None:
        document = self._document
        if not document.is_modified:
            self._restored_edits = None
        before = self._restored_edits
        has_edits = document.edit_count > 0 or document.redo_label is not None or before is not None
        has_edits |= document.original is not None  # whose file was removed
        wanted = document.edited_wanted
        if wanted is None and not (document.is_modified and has_edits):
            self._put(None)
            return
        self._put(
            EditedWork(
                document.scenario,
                document.path,
                document.original,
                document.undo_steps,
                document.edit_count + (before or 0),
                document.view,
                wanted,
                document.is_modified,
            )
        )

    def _put(self, work: EditedWork | None) -> None:
        """Hand over what the journal is to hold; what waited before counts no longer."""
        with self._lock:
            if work is None and self._journal is None and not self._is_writing:
                return
            self._waiting, self._has_waiting = work, True
            if self._is_writing:
                return
            self._is_writing = True
        self._run(self._write_waiting, self._written)

    def _write_waiting(self) -> OSError | None:
        """Write until nothing waits; return the error of the newest outcome."""
        error: OSError | None = None
        while True:
            with self._lock:
                if not self._has_waiting:
                    self._is_writing = False
                    return error
                work, self._has_waiting = self._waiting, False
            self.holds_all = False
            try:
                self._write(work)
                error, self.holds_all = None, True
            except OSError as caught:
                error = caught
            except BaseException:
                with self._lock:
                    self._is_writing = False
                raise

    def _write(self, work: EditedWork | None) -> None:
        self._journal = self._cleared() if work is None else self._holding(work)
        self.kept = work and work.scenario

    def _cleared(self) -> WrittenJournal | None:
        """Return the journal once it holds nothing; None where it is gone."""
        journal = self._journal
        if journal is not None:
            try:
                journal.clear()
            except FileNotFoundError:
                journal.folder.release()
                return None
        return journal

    def _holding(self, work: EditedWork) -> WrittenJournal:
        """Return the journal once it holds the work; a new one where somebody removed the other."""
        journal = self._journal
        if journal is not None:
            try:
                journal.keep(work)
            except FileNotFoundError:
                made = self._begun(work)
                journal.folder.remove()
                return made
            return journal
        return self._begun(work)

    def _begun(self, work: EditedWork) -> WrittenJournal:
        """Return a new journal that holds the work."""
        from mtrrviz.session.journal.written_journal import WrittenJournal  # noqa: PLC0415 - when asked for

        journal = WrittenJournal(JournalFolder.made_in(self._root))
        try:
            journal.keep(work)
        except BaseException:
            journal.folder.remove()
            raise
        return journal

    def _written(self, error: OSError | None) -> None:
        if error is not None:
            self._failed(error)
