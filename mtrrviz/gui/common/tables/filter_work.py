"""Filters over very many rows, applied in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from PySide6.QtCore import QCoreApplication

from mtrrviz.gui.shell.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.facts.tables.filtering import Mask


class _GivenUp(Exception):
    """Nobody is waiting for the answer any more."""


class FilterWork:
    """Finds the rows that a filter keeps in a thread of its own; only the last question counts.

    What was prepared for one filter serves the next one on the same rows, so that work goes on.
    """

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._rows: FactRows | None = None
        self._question: object = None

    def ask(
        self,
        rows: FactRows,
        text: str,
        answer: Callable[[Mask], None],
        failed: Callable[[], None],
    ) -> None:
        """Call ``answer`` with what :meth:`FactRows.mask` returns, unless another question comes.

        The filter is one that these rows have columns for. Any error is one of the program: it is
        raised after ``failed`` was called.
        """
        question = self._question = object()
        self._rows = rows

        asked = ref(rows)  # which keep this: they are to go with the last who shows them

        def pause() -> None:
            if self._rows is not asked():
                raise _GivenUp

        def tell(mask: Mask) -> None:
            if self._question is question:
                answer(mask)

        def fail(error: Exception) -> None:
            if isinstance(error, _GivenUp):
                return
            if self._question is question:
                failed()
            raise error

        rows.pause = pause
        self._own_worker().run(lambda: rows.mask(text), tell, fail)

    def give_up(self) -> None:
        """Stop waiting for an answer."""
        self._rows = self._question = None

    def _own_worker(self) -> Worker:
        if self._worker is None:
            self._worker = Worker()
            app = QCoreApplication.instance()
            if app is not None:
                app.aboutToQuit.connect(self.give_up)
        return self._worker
