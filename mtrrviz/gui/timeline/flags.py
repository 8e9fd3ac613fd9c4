"""The flags of bookmarks and notes as they are painted, and which one the pointer means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPolygon

from mtrrviz.geometry.timeline.timeline_flags import NAME_LEFT_PX, FlagKind, place_flags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_flags import Flag
    from mtrrviz.gui.common.theme import Theme

_LEAST_NAME_PX = 14
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def paint_flags(
    painter: QPainter, theme: Theme, flags: Sequence[Flag], axis: TimeAxis, row: tuple[int, int]
) -> None:
    """Paint the flags in their row: a pennant for a bookmark, a square for a note; and names."""
    top, bottom = row
    metrics = QFontMetrics(painter.font())
    for one in place_flags(flags, axis, metrics.horizontalAdvance):
        is_bookmark = one.flag.kind is FlagKind.BOOKMARK
        colour = QColor(theme.accent if is_bookmark else theme.dim)
        painter.fillRect(one.x, top + 2, 1, bottom - top - 2, colour)
        if is_bookmark:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            corners = [QPoint(one.x, top + 2), QPoint(one.x + 8, top + 5), QPoint(one.x, top + 9)]
            painter.drawPolygon(QPolygon(corners))
        else:
            painter.fillRect(one.x, top + 3, 5, 5, colour)
        room = one.right - one.x - NAME_LEFT_PX
        if room >= _LEAST_NAME_PX:
            painter.setPen(QColor(theme.text if is_bookmark else theme.dim))
            rect = QRect(one.x + NAME_LEFT_PX + 1, top, room, bottom - top)
            name = metrics.elidedText(one.flag.name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(rect, _LEFT, name)
