"""An executor whose work is done when a test says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot


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


def shown_later(
    qtbot: QtBot, later: Later, view: Callable[[Bridge], Any], prepare: Callable[[Document], object]
) -> Any:
    """Return a view of the small machine, as prepared; what it asks for is left to ``later``."""
    document = Document(open_scenario("small-machine"), executor=later)
    later.do_all()
    prepare(document)
    made: QWidget = view(Bridge(document))
    qtbot.addWidget(made)
    made.show()
    return made
