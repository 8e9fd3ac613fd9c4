"""The status bar: messages at the left; at the right what goes on and the scenario's title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.gui.common.announcing import announce
from mtrrviz.gui.common.plain_text import Label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStatusBar, QWidget

    from mtrrviz.session.document import Document

#: How long a message stays.
_MESSAGE_MS = 8000
#: Room between the title and the edge of the window.
_EDGE_PX = 10


class Status:
    """Fills a status bar; ``follow_bar`` is there while a trace is followed."""

    def __init__(self, bar: QStatusBar, follow_bar: QWidget) -> None:
        self._bar = bar
        self._busy = Label()
        self._title = Label()
        self._title.setContentsMargins(0, 0, _EDGE_PX, 0)
        for widget in (follow_bar, self._busy, self._title):
            bar.addPermanentWidget(widget)

    def say(self, text: str) -> None:
        """Show a message for a while, and let screen readers say it."""
        self._bar.showMessage(text, _MESSAGE_MS)
        announce(self._bar, text)

    def clear(self) -> None:
        """Take away a message: what it tells of is no longer open."""
        self._bar.clearMessage()

    def show_document(self, document: Document) -> None:
        """Show which scenario is open and whether a run of it is being made."""
        self._title.setText(document.scenario.title)
        self._busy.setText("Simulating..." if document.is_simulating else "")
