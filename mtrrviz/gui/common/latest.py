"""Views whose rows take long to work out: one question at a time, and then the last that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.session.runs import Executor


class _LateQuestion(Record, eq=False):
    executor: Executor
    work: Callable[[], Any]
    tell: Callable[[Any], None]
    about: object


class Latest:
    """Has things worked out for a view, at most one at a time; what is asked meanwhile waits.

    Of those that wait only the last one is worked out. So a view keeps up with a playhead that
    moves all the time, as well as it can.
    """

    def __init__(self) -> None:
        self._under_way: _LateQuestion | None = None
        self._waiting: _LateQuestion | None = None

    def ask(
        self,
        executor: Executor,
        work: Callable[[], Any],
        tell: Callable[[Any], None],
        about: object,
    ) -> None:
        """Call ``tell`` with what ``work`` returns on the executor.

        Answers of other moments are told on the way. ``about`` is what they must have in common,
        such as the run: what is under way about something else is dropped.
        """
        question = _LateQuestion(executor, work, tell, about)
        under_way = self._under_way
        if under_way and (under_way.executor, under_way.about) == (executor, about):
            self._waiting = question
        else:
            self._waiting = None
            self._begin(question)

    def _begin(self, question: _LateQuestion) -> None:
        self._under_way = question

        def do() -> Any:
            if self._under_way is not question:
                return None
            try:
                return question.work()
            except Exception as error:  # noqa: BLE001 - raised where it is told
                return _LateFailure(error)

        question.executor(do, lambda found: self._answer(question, found))

    def _answer(self, question: _LateQuestion, found: Any) -> None:
        if self._under_way is not question:
            return
        self._under_way = None
        try:
            if isinstance(found, _LateFailure):
                raise found.error
            question.tell(found)
        finally:
            waiting, self._waiting = self._waiting, None
            if waiting is not None and self._under_way is None:
                self._begin(waiting)

    def drop(self) -> None:
        """Ask for nothing any more."""
        self._under_way = self._waiting = None


class _LateFailure(Record, eq=False):
    """An error instead of an answer."""

    error: Exception
