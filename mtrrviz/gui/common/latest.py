"""Views whose rows take long to work out: only what was asked for last is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.session.runs import Executor


class Latest:
    """Has things worked out, and drops the answer to all questions but the last."""

    def __init__(self) -> None:
        self._asked: object = None

    def ask(self, executor: Executor, work: Callable[[], Any], tell: Callable[[Any], None]) -> None:
        """Call ``tell`` with what ``work`` returns on the executor.

        Neither is called any more once something else is asked for, or nothing.
        """
        asked = self._asked = object()

        def do() -> Any:
            return work() if self._asked is asked else None

        def answer(found: Any) -> None:
            if self._asked is asked:
                tell(found)

        executor(do, answer)

    def drop(self) -> None:
        """Ask for nothing any more."""
        self._asked = None
