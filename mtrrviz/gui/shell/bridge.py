"""The bridge between the document, which knows no Qt, and the views, which know only the bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.terms import terms_of
from mtrrviz.gui.common.looks.theme import DARK, Theme
from mtrrviz.session.edits import past_tense

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.facts.terms import Terms
    from mtrrviz.session.changes import Change
    from mtrrviz.session.document import Document
    from mtrrviz.session.edits import Edit
    from mtrrviz.session.wanted.wanted_edits import WantedEdit


class Bridge(QObject):
    """Re-emits the document's changes as Qt signals and holds what all views share.

    ``changed`` carries a frozenset of :class:`Change`; ``theme_changed`` nothing; ``message``
    words for the status bar; ``refused`` words about an edit that could not be made.
    """

    changed = Signal(object)
    theme_changed = Signal()
    message = Signal(str)
    refused = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = DARK
        self._unsubscribe = document.subscribe(self._document_changed)

    @property
    def document(self) -> Document:
        """The open document."""
        return self._document

    @property
    def terms(self) -> Terms:
        """What things are called in the open document."""
        return terms_of(self._document.scenario.machine)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._theme

    def set_theme(self, theme: Theme) -> None:
        """Use other colours; all views redraw."""
        self._theme = theme
        self.theme_changed.emit()

    def edit(self, make: Callable[[], Edit]) -> bool:
        """Make an edit and apply it; a refusal is told, changes nothing and returns False."""
        try:
            edit = make()
        except (MtrrvizError, ValueError) as error:
            self.refused.emit(str(error))
            return False
        self._document.apply(edit)
        self.message.emit(edit.done)
        return True

    def want(self, make: Callable[[], WantedEdit]) -> bool:
        """Make an edit of the wanted map as :meth:`edit` does one of the scenario."""
        try:
            edit = make()
        except MtrrvizError as error:
            self.refused.emit(str(error))
            return False
        self._document.want(edit)
        self.message.emit(past_tense(edit.label))
        return True

    def close(self) -> None:
        """Stop listening to the document, before the views go."""
        self._unsubscribe()

    def _document_changed(self, changes: frozenset[Change]) -> None:
        self.changed.emit(changes)
