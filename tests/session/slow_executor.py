"""An executor that does its work when told, in any order: the background thread of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class SlowExecutor:
    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
        self.done = 0

    def __call__(self, work: Callable[[], Any], finished: Callable[[Any], None]) -> None:
        self.waiting.append((work, finished))

    def finish(self, number: int = 0) -> None:
        """Do one of the waiting jobs."""
        work, finished = self.waiting.pop(number)
        self.done += 1
        finished(work())

    def finish_all(self) -> None:
        while self.waiting:
            self.finish()
