"""A blank screen, so that the audience looks at the speaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class Curtain(QWidget):
    """Covers the stage in one colour while it is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("curtain")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.colour = QColor(Qt.GlobalColor.black)
        self.hide()

    @property
    def is_drawn(self) -> bool:
        """Whether the stage is covered."""
        return not self.isHidden()

    def toggle(self, colour: Qt.GlobalColor) -> bool:
        """Cover the stage in a colour, or uncover it if it is; return whether it is covered."""
        if self.is_drawn and self.colour == QColor(colour):
            self.hide()
        else:
            self.colour = QColor(colour)
            self.show()
            self.raise_()
            self.update()
        return self.is_drawn

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it."""
        QPainter(self).fillRect(event.rect(), self.colour)
