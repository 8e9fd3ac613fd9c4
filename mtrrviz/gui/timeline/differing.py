"""The history of the differences of two runs, worked out in the background where it takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from mtrrviz.analysis.compare import Comparison
    from mtrrviz.analysis.compare_history import DifferenceHistory
    from mtrrviz.gui.worker import Worker

#: Leaves of both runs that are compared within a frame.
_AT_ONCE = 4_000


class Differing(QObject):
    """Hands out histories; ``ready`` tells that one that had to be waited for is there.

    Without a worker all are worked out at once.
    """

    ready = Signal()

    def __init__(self, worker: Worker | None, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._asked: Comparison | None = None
        self._known: Comparison | None = None

    def history(self, comparison: Comparison | None) -> DifferenceHistory | None:
        """Return how much the two EPTs differ at every time, None as long as that is not known."""
        if comparison is None:
            return None
        leaves = len(comparison.run_a.leaves) + len(comparison.run_b.leaves)
        if comparison is self._known or self._worker is None or leaves <= _AT_ONCE:
            return comparison.history
        if comparison is not self._asked:
            self._asked = comparison
            self._worker(lambda: comparison.history, lambda _: self._take(comparison))
        return None

    def _take(self, comparison: Comparison) -> None:
        self._known = comparison
        self.ready.emit()
