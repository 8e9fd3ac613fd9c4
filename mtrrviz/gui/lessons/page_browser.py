"""A page of text that loads nothing and follows no link by itself."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QTextBrowser, QToolTip, QWidget

from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.help.topics import sentence_of
from mtrrviz.gui.lessons.page_style import page_style
from mtrrviz.handbook.terms_in_text import term_at

if TYPE_CHECKING:
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QKeyEvent

    from mtrrviz.gui.common.looks.theme import Theme

_TIP_WIDTH = 72


class PageBrowser(QTextBrowser):
    """Shows HTML of this program; whatever it names is not loaded. ``entered`` follows Enter.

    A tip tells the sentence of the glossary on the word that the pointer rests on.
    """

    entered = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing."""
        del kind, name
        return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter; other keys scroll."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what the word under the pointer means."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            sentence = fill(sentence_of(self.term_at(event.pos())), _TIP_WIDTH)
            QToolTip.showText(event.globalPos(), plain_tip(sentence), self)
            return True
        return super().viewportEvent(event)

    def term_at(self, place: QPoint) -> str | None:
        """Return the address of the term that stands at a place of the viewport, if one does."""
        cursor = self.cursorForPosition(place)
        term = term_at(cursor.block().text(), cursor.positionInBlock())
        is_there = self.cursorRect(cursor).adjusted(-12, 0, 12, 0).contains(place)
        return term.address if term is not None and is_there else None

    def show_page(self, html: str, theme: Theme) -> None:
        """Show a page from its top, in the colours of a theme."""
        self.document().setDefaultStyleSheet(page_style(theme))
        self.setHtml(html)
