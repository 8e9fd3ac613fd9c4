"""An item of the timeline under way to another time. Nothing is edited before it is let go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mtrrviz.core.units import format_time_ns
from mtrrviz.geometry.timeline.time_snapping import SnapTimes
from mtrrviz.gui.timeline.items import other_times_ns

if TYPE_CHECKING:
    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.gui.common.theme import Theme
    from mtrrviz.gui.timeline.items import Item
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document

_CLICK_PX = 3


def snap_times(document: Document, item: Item | None = None) -> SnapTimes:
    """Return what times snap to: of things other than ``item``, markers and the playhead."""
    marks = [document.marker("A"), document.marker("B"), document.playhead_ns]
    things = other_times_ns(document.scenario, item)
    return SnapTimes([*things, *(time_ns for time_ns in marks if time_ns is not None)])


@dataclass(frozen=True)
class ItemDrag:
    """An item of ``scenario`` that was pressed at a pixel and would now go to ``time_ns``."""

    scenario: Scenario
    item: Item
    snaps: SnapTimes
    pressed_x: float
    pressed_y: float
    time_ns: int
    has_moved: bool = False

    @classmethod
    def begun(cls, document: Document, item: Item, x: float, y: float) -> ItemDrag:
        """Take hold of an item."""
        return cls(document.scenario, item, snap_times(document, item), x, y, item.time_ns)

    def moved(self, axis: TimeAxis, x: float, *, snaps: bool) -> ItemDrag:
        """Return the drag with the pointer at ``x``; a few pixels are still a click."""
        if not self.has_moved and abs(x - self.pressed_x) < _CLICK_PX:
            return self
        time_ns = self.snaps.snapped_ns(axis, x) if snaps else axis.time_ns(x)
        return replace(self, time_ns=time_ns, has_moved=True)

    @property
    def words(self) -> str:
        """The time to which the item would go, and how far that is."""
        by_ns = self.time_ns - self.item.time_ns
        sign = "\N{MINUS SIGN}" if by_ns < 0 else "+"
        return f"{format_time_ns(self.time_ns)}  ({sign}{format_time_ns(abs(by_ns))})"

    def paint(self, painter: QPainter, theme: Theme, axis: TimeAxis, rect: QRect) -> None:
        """Paint a ghost with the time over the widget's ``rect``, once the item has moved."""
        if not self.has_moved:
            return
        x, accent = round(axis.x(self.time_ns)), QColor(theme.accent)
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        painter.drawLine(x, rect.top(), x, rect.bottom())
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(self.words) + 10, metrics.height() + 4
        # beside the line, where there is room, and above the pointer
        left = x + 6 if x + 6 + width <= rect.right() else x - 6 - width
        label = QRect(left, max(rect.top(), round(self.pressed_y) - height - 8), width, height)
        painter.fillRect(label, accent)
        painter.setPen(QColor(theme.on_accent))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, self.words)
