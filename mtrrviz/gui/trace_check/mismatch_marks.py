"""The mark of a real entry that differs: a cross over its dot of the map, ticks on the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLine, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mtrrviz.geometry.map.map_marks import marked_dots
from mtrrviz.geometry.timeline.timeline_checks import mismatch_pixels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.facts.trace.trace_check import TraceCheck
    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.sim.run import State

#: Crosses reach this far from the middle of a dot, at least and at most.
_REACH_PX = (2, 6)
_TICK_PX = 2


def paint_map_marks(painter: QPainter, theme: Theme, layout: MapLayout, state: State) -> None:
    """Cross out the dots in which a real entry differs; the painter's origin is the map's corner.

    Light on dark, so that the cross is seen on the colour of any type.
    """
    lines = [line for dot in marked_dots(layout, state).tolist() for line in _cross(layout, dot)]
    for colour, width in ((theme.panel, 3), (theme.text, 1)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawLines(lines)


def _cross(layout: MapLayout, dot: int) -> Iterator[QLine]:
    """Yield the two strokes over a dot."""
    rect = layout.dot_rect(dot)
    x, y = rect.x + (rect.width - 1) // 2, rect.y + (rect.height - 1) // 2
    room = min(rect.width, rect.height) // 2 - 1
    reach = min(max(_REACH_PX[0], room), _REACH_PX[1])
    yield QLine(x - reach, y - reach, x + reach, y + reach)
    yield QLine(x - reach, y + reach, x + reach, y - reach)


def paint_timeline_marks(
    painter: QPainter, theme: Theme, check: TraceCheck, axis: TimeAxis, rows: Rows
) -> None:
    """Paint a tick for every pixel of the axis at which a differing entry was made."""
    colour = QColor(theme.error)
    height = rows.check_bottom - rows.check_top - 2
    for x in mismatch_pixels(check, axis).tolist():
        painter.fillRect(x, rows.check_top + 1, _TICK_PX, height, colour)
        painter.fillRect(x - 1, rows.check_top + 1, _TICK_PX + 2, 2, colour)


def paint_cross_sample(painter: QPainter, theme: Theme, x: int, y: int) -> None:
    """Paint a cross around a point, as in the legend."""
    reach = 4
    painter.setPen(QPen(QColor(theme.text), 1, Qt.PenStyle.SolidLine))
    painter.drawLine(x - reach, y - reach, x + reach, y + reach)
    painter.drawLine(x - reach, y + reach, x + reach, y - reach)
