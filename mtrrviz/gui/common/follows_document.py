"""Following the document while in sight, and catching up when shown."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from mtrrviz.gui.common.abstract_widget import AbstractWidget
from mtrrviz.gui.common.late_errors import raised_later
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


class FollowsDocument(AbstractWidget):
    """A view that shows the document's changes while it is visible.

    What changes while it is hidden is collected and shown at once when it is shown; the first time
    that is everything. Subclasses say which changes they follow and show them.
    """

    #: The changes that the view follows.
    follows: ClassVar[frozenset[Change]] = frozenset(Change)
    #: While the playhead alone moves, the view shows it at most this often.
    pace_ms: ClassVar[int] = 0
    #: The view waits until nothing has changed for this long and nothing plays.
    settle_ms: ClassVar[int] = 0

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self._missed = self.follows
        self._later = one_shot(self, self.settle_ms or self.pace_ms, self._catch_up)
        bridge.changed.connect(self._document_changed)

    @abstractmethod
    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the document as it is now; ``changes`` are those followed, since the last call."""

    def forget_document(self) -> None:
        """Let go of what was shown: another scenario was opened while the view is hidden.

        What belongs to a closed scenario may be large. All is shown anew when the view is.
        """

    def refresh(self) -> None:
        """Show everything anew, also while hidden."""
        self._missed = frozenset()
        self.show_document(self.follows)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        with raised_later():
            self._catch_up()

    def _document_changed(self, changes: frozenset[Change]) -> None:
        followed = changes & self.follows
        self._missed |= followed
        if Change.OPENED in changes and not self.isVisible():
            self._missed = self.follows
            self.forget_document()
        if not followed or not self.isVisible():
            return
        if self.settle_ms:
            if not self.bridge.document.playback.playing:
                self._later.start()
        elif self.pace_ms and self._missed <= {Change.PLAYHEAD}:
            if not self._later.isActive():
                self._later.start()
        else:
            self._catch_up()

    def _catch_up(self) -> None:
        """Show what was collected, once it can be seen."""
        if self._missed and self.isVisible():
            missed, self._missed = self._missed, frozenset()
            self.show_document(missed)
