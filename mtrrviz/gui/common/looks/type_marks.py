"""Marks of colours: squares of memory types and of differences, with a line around.

The line parts any colour from what lies behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from mtrrviz.core.sdm.sdm_types import UNKNOWN

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.theme import Theme

#: The side of a mark in a cell of a table.
CELL_PX = 10


def type_fill(theme: Theme, code: int) -> QColor:
    """Return the colour of a type code, the error colour for a reserved one."""
    if code == UNKNOWN:
        return QColor(theme.faint)
    return QColor(theme.types.get(code, theme.error))


def type_icon(theme: Theme, code: int, side: int = CELL_PX) -> QIcon:
    """Return a square of the type's colour."""
    return colour_icon(theme, type_fill(theme, code), side)


def colour_icon(theme: Theme, colour: QColor, side: int = CELL_PX) -> QIcon:
    """Return a square of a colour."""
    pixmap = QPixmap(side, side)
    painter = QPainter(pixmap)
    _square(painter, pixmap.rect(), theme, colour)
    painter.end()
    return QIcon(pixmap)


def swatch(painter: QPainter, rect: QRect, theme: Theme, code: int) -> None:
    """Draw the square of a type."""
    _square(painter, rect, theme, type_fill(theme, code))


def _square(painter: QPainter, rect: QRect, theme: Theme, colour: QColor) -> None:
    painter.fillRect(rect, colour)
    painter.setPen(QColor(theme.outline))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(0, 0, -1, -1))
