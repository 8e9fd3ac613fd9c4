"""The playback buttons' icons, drawn as paths in the theme's colours."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.theme import Theme

#: Icons are drawn on a square of this many units.
_UNITS = 24.0
_SIZES = (16, 20, 24, 32, 48)


def transport_icon(name: str, theme: Theme) -> QIcon:
    """Return the icon called ``name``: a key of the table of shapes below.

    Enabled it has the colour of text, disabled that of faint writing; switched on, its button's
    ground is the accent, so it has the colour of writing on that.
    """
    return _icon(name, theme.text, theme.on_accent, theme.faint, theme.error)


@cache
def _icon(name: str, text: str, on_accent: str, faint: str, dot: str) -> QIcon:
    icon = QIcon()
    for size in _SIZES:
        for mode, state, colour in (
            (QIcon.Mode.Normal, QIcon.State.Off, text),
            (QIcon.Mode.Normal, QIcon.State.On, on_accent),
            (QIcon.Mode.Disabled, QIcon.State.Off, faint),
        ):
            icon.addPixmap(_drawn(name, colour, size, dot), mode, state)
    return icon


def _drawn(name: str, colour: str, size: int, dot: str) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / _UNITS, size / _UNITS)
    if name == "record":
        _draw_record(painter, QColor(colour), QColor(dot))
    elif name == "loop":
        _draw_loop(painter, QColor(colour))
    else:
        painter.fillPath(_PATHS[name](), QColor(colour))
    painter.end()
    return pixmap


def _triangle(tip: float, back: float, half: float = 7.0) -> QPainterPath:
    path = QPainterPath()
    corners = [QPointF(back, 12 - half), QPointF(tip, 12), QPointF(back, 12 + half)]
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
    return path


def _bar(left: float, width: float = 3.0, half: float = 7.0) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(left, 12 - half, width, 2 * half), 0.8, 0.8)
    return path


_PATHS = {
    "play": lambda: _triangle(19.5, 6.5, 8.0),
    "pause": lambda: _bar(6.0, 4.0) + _bar(14.0, 4.0),
    "step-forward": lambda: _bar(4.5, 2.5) + _triangle(20.0, 9.0),
    "step-back": lambda: _triangle(4.0, 15.0) + _bar(17.0, 2.5),
    "to-start": lambda: _bar(3.5, 2.5) + _triangle(7.0, 14.0) + _triangle(14.0, 21.0),
    "to-end": lambda: _triangle(10.0, 3.0) + _triangle(17.0, 10.0) + _bar(18.0, 2.5),
}


def _draw_record(painter: QPainter, ring: QColor, dot: QColor) -> None:
    """Draw a red dot in a ring of the colour of writing, which sets it off on any ground."""
    painter.setPen(QPen(ring, 2.0))
    painter.setBrush(dot)
    painter.drawEllipse(QPointF(12, 12), 7.5, 7.5)


def _draw_loop(painter: QPainter, colour: QColor) -> None:
    """Draw a round arrow, open at the upper right."""
    painter.setPen(QPen(colour, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(QRectF(5, 5, 14, 14), 75 * 16, 290 * 16)
    head = QPainterPath()
    head.addPolygon(QPolygonF([QPointF(12.5, 1.2), QPointF(18.5, 5.2), QPointF(12.5, 9.2)]))
    painter.fillPath(head, colour)
