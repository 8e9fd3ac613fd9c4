"""Hands memory back to the system after runs were made or dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from mtrrviz.core.unused_memory import give_back_unused_memory
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker

#: So long after a run changed; changes meanwhile do not put it off.
_PAUSE_MS = 5000


class MemoryReturn(QObject):
    """Lives as long as the window; the work is done beside it."""

    def __init__(self, bridge: Bridge, worker: Worker, parent: QObject) -> None:
        super().__init__(parent)
        self._worker: Worker | None = worker
        self._later = one_shot(self, _PAUSE_MS, self._give_back)
        bridge.changed.connect(self._on_changes)

    def stop(self) -> None:
        """Give nothing back any more: the window closes."""
        self._later.stop()
        self._worker = None

    def _on_changes(self, changes: frozenset[Change]) -> None:
        if changes & {Change.RUN, Change.OPENED} and not self._later.isActive():
            self._later.start()

    def _give_back(self) -> None:
        if self._worker is not None:
            self._worker.run(give_back_unused_memory, lambda _: None)
