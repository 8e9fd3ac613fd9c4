"""A rubber band drawn over the timeline, and the events in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mtrrviz.core.record import Record
from mtrrviz.scenario.events import EventKind

if TYPE_CHECKING:
    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.timeline.scene import Scene

_FILL_ALPHA = 40
_CLICK_PX = 3


class RubberBand(Record):
    """A band from where the pointer was pressed to where it is."""

    pressed: QPointF
    now: QPointF

    def moved(self, position: QPointF) -> RubberBand:
        """Return the band with the pointer somewhere else."""
        return replace(self, now=position)

    @property
    def is_drawn(self) -> bool:
        """Whether it is a band at all; a few pixels are still a click."""
        return (self.now - self.pressed).manhattanLength() >= _CLICK_PX

    @property
    def rect(self) -> QRectF:
        """What the band covers."""
        return QRectF(self.pressed, self.now).normalized()

    def events(self, scene: Scene, axis: TimeAxis, rows: Rows) -> list[int]:
        """Return the events whose ticks or flags the band touches, by their indices."""
        rect, lane_events = self.rect, scene.events
        lanes = {
            lane
            for lane in range(rows.lanes)
            if rect.top() < rows.lane_top(lane + 1) and rows.lane_top(lane) <= rect.bottom()
        }
        if rect.bottom() >= rows.dma_top:
            lanes.add(-1)
        flags = rows.flags
        has_flags = flags is not None and rect.top() < flags[1] and flags[0] <= rect.bottom()
        first_ns, last_ns = axis.time_ns(rect.left()), axis.time_ns(rect.right())
        scenario = scene.scenario
        return [
            index
            for index in range(scenario.first_event_at(first_ns), scenario.events_until(last_ns))
            if (
                has_flags
                if scenario.events[index].kind is EventKind.NOTE
                else int(lane_events.lane[index]) in lanes
            )
        ]

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Paint the band."""
        accent = QColor(theme.accent)
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        accent.setAlpha(_FILL_ALPHA)
        painter.setBrush(accent)
        painter.drawRect(self.rect)
