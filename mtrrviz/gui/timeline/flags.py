"""The flags of bookmarks, notes and disabled quirks as they are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPolygon

from mtrrviz.geometry.timeline.timeline_flags import NAME_LEFT_PX, FlagKind, place_flags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_flags import Flag
    from mtrrviz.gui.common.looks.theme import Theme

_LEAST_NAME_PX = 14
#: The corners of each kind, from where its pole meets the top of the row: a pennant for a bookmark,
#: a square for a note, a diamond for a quirk.
_SHAPES = {
    FlagKind.BOOKMARK: ((0, 2), (8, 5), (0, 9)),
    FlagKind.NOTE: ((0, 3), (5, 3), (5, 8), (0, 8)),
    FlagKind.QUIRK: ((0, 2), (4, 6), (0, 10), (-4, 6)),
}
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def paint_flags(
    painter: QPainter, theme: Theme, flags: Sequence[Flag], axis: TimeAxis, row: tuple[int, int]
) -> None:
    """Paint the flags in their row, each with its shape and its name."""
    top, bottom = row
    metrics = QFontMetrics(painter.font())
    for one in place_flags(flags, axis, metrics.horizontalAdvance):
        kind = one.flag.kind
        colour = QColor(_colour(theme, kind))
        painter.fillRect(one.x, top + 2, 1, bottom - top - 2, colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        corners = (QPoint(one.x + x, top + y) for x, y in _SHAPES[kind])
        painter.drawPolygon(QPolygon(list(corners)))
        room = one.right - one.x - NAME_LEFT_PX
        if room >= _LEAST_NAME_PX:
            painter.setPen(QColor(theme.dim if kind is FlagKind.NOTE else theme.text))
            rect = QRect(one.x + NAME_LEFT_PX + 1, top, room, bottom - top)
            name = metrics.elidedText(one.flag.name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(rect, _LEFT, name)


def _colour(theme: Theme, kind: FlagKind) -> str:
    match kind:
        case FlagKind.BOOKMARK:
            return theme.accent
        case FlagKind.NOTE:
            return theme.dim
        case FlagKind.QUIRK:
            return theme.warning
