"""A ring around the pointer, large enough to be seen from the last row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_SIDE_PX = 76
_LINE_PX = 6
#: A light line within a dark one: one of the two stands out from any picture.
_LIGHT, _DARK = "#FFE600", "#101010"


class PointerRing(QWidget):
    """Lies over the stage and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("pointer_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.resize(_SIDE_PX, _SIDE_PX)
        self.is_wanted = True
        self.hide()

    def follow(self, place: QPoint) -> None:
        """Lie around a place of the parent, if the ring is wanted."""
        self.move(place - QPoint(_SIDE_PX // 2, _SIDE_PX // 2))
        if self.is_wanted and not self.isVisible():
            self.show()
            self.raise_()

    def toggle(self) -> bool:
        """Want the ring or no longer; return which."""
        self.is_wanted = not self.is_wanted
        self.setVisible(self.is_wanted)
        self.raise_()
        return self.is_wanted

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both lines."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(self.rect()).adjusted(_LINE_PX, _LINE_PX, -_LINE_PX, -_LINE_PX)
        for colour, width_px in ((_DARK, 2 * _LINE_PX), (_LIGHT, _LINE_PX)):
            painter.setPen(QPen(QColor(colour), width_px))
            painter.drawEllipse(place)
