"""Writing the open scenario beside the window, which goes on working."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, Signal

from mtrrviz.gui.shell.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document


class Saving(QObject):
    """Writes in a thread of its own, so that no simulation holds it up, one file at a time.

    What is written is the scenario of the moment of :meth:`start`; edits made meanwhile stay
    unsaved. ``begun`` and ``done`` carry the path, ``failed`` the error.
    """

    begun = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    _ended = Signal()

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._worker = Worker(self)
        self._is_under_way = False
        self._next: tuple[Path, bool] | None = None
        self._has_succeeded = True

    @property
    def is_under_way(self) -> bool:
        """Whether something is being written, or waits to be."""
        return self._is_under_way

    def start(self, path: Path, *, over_read_only: bool = False) -> None:
        """Write the open scenario to ``path``, once what is being written is there.

        A read-only file is an error unless ``over_read_only``.
        """
        from mtrrviz.scenario.files.saver import save_scenario  # noqa: PLC0415 - when asked for

        if self._is_under_way:
            self._next = (path, over_read_only)
            return
        self._is_under_way = True
        scenario, original = self._document.scenario, self._document.original
        self.begun.emit(path)
        self._worker.run(
            partial(save_scenario, scenario, path, original, over_read_only=over_read_only),
            partial(self._written, scenario, path),
            self._not_written,
        )

    def finish(self) -> bool:
        """Wait until all is written; return whether the last of it could be.

        The window is painted meanwhile, but takes no input: nothing is edited that would be lost.
        """
        while self._is_under_way:
            loop = QEventLoop(self)
            self._ended.connect(loop.quit)
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        return self._has_succeeded

    def stop(self) -> None:
        """Wait for what is being written, before the window goes."""
        self._worker.wait()

    def _written(self, scenario: Scenario, path: Path, saved: Original) -> None:
        self._document.mark_saved(saved.scenario, path, saved, written=scenario)
        self._has_succeeded = True
        self.done.emit(path)
        self._end()

    def _not_written(self, error: Exception) -> None:
        self._has_succeeded, self._next = False, None
        self._end()
        self.failed.emit(error)  # last: whoever shows it may let the user try again

    def _end(self) -> None:
        self._is_under_way = False
        waiting, self._next = self._next, None
        if waiting is not None:
            self.start(waiting[0], over_read_only=waiting[1])
        self._ended.emit()
