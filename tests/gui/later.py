"""An executor whose work is done when a test says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Later:
    """An executor that does its work, and tells what came of it, when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], object], Callable[[object], None]]] = []

    def __call__(self, work: Callable[[], object], tell: Callable[[object], None]) -> None:
        self.waiting.append((work, tell))

    def work(self) -> Callable[[], None]:
        """Do what was asked for first; return what tells of it."""
        work, tell = self.waiting.pop(0)
        found = work()
        return lambda: tell(found)

    def do_all(self) -> None:
        while self.waiting:
            self.work()()
