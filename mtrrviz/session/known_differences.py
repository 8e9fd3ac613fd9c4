"""The history of the differences of the two runs shown, worked out aside where it takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from weakref import ref

from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.analysis.comparing.compare_history import DifferenceHistory
    from mtrrviz.session.runs import Executor

#: Leaves of both runs that are compared within a frame.
_AT_ONCE = 4_000


class ComparedRuns(Protocol):
    """The part of a document that the history of differences needs."""

    @property
    def comparison(self) -> Comparison | None:
        """Both runs beside each other; None until both are of one and the same scenario."""
        ...

    def notify(self, *changes: Change) -> None:
        """Tell the observers."""
        ...


class KnownDifferences:
    """Hands out the history of the document's comparison, and tells when one is ready.

    Lives as long as its document; what takes long is done by the document's executor, which is
    told of through it (:attr:`Change.DIFFERENCES`).
    """

    def __init__(self, document: ComparedRuns, executor: Executor) -> None:
        self._document = document
        self._executor = executor
        self._asked: ref[Comparison] | None = None  # the runs of closed documents do not stay
        self._waiting: list[Callable[[DifferenceHistory], None]] = []

    @property
    def history(self) -> DifferenceHistory | None:
        """How much the two EPTs differ at every time, None as long as that is not known."""
        comparison = self._document.comparison
        if comparison is None:
            return None
        leaves = len(comparison.run_a.leaves) + len(comparison.run_b.leaves)
        if comparison.is_history_known or leaves <= _AT_ONCE:
            return comparison.history
        if self._asked is None or self._asked() is not comparison:
            self._asked = ref(comparison)
            self._waiting.clear()
            self._executor(lambda: comparison.history, lambda _: self._ready(comparison))
        return None

    def when_known(self, then: Callable[[DifferenceHistory], None]) -> bool:
        """Call ``then`` with the history, now or when it is ready; return whether it was now.

        Dropped if other runs are shown by then, or none can be compared.
        """
        history = self.history
        if history is not None:
            then(history)
        elif self._document.comparison is not None:
            self._waiting = [then]  # of jumps that wait, the last is what is wanted
        return history is not None

    def _ready(self, comparison: Comparison) -> None:
        if comparison is not self._document.comparison:
            return
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then(comparison.history)
        self._document.notify(Change.DIFFERENCES)
