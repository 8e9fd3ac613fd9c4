"""An item of the timeline under way to another time. Nothing is edited before it is let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mtrrviz.core.record import Record
from mtrrviz.core.units import format_time_ns
from mtrrviz.core.wording.words import plural
from mtrrviz.geometry.timeline.time_snapping import SnapTimes
from mtrrviz.gui.timeline.items import ItemKind, move_item, other_times_ns
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.timeline.items import Item
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document
    from mtrrviz.session.edits import Edit

_CLICK_PX = 3


def snap_times(
    document: Document, item: Item | None = None, others: frozenset[int] = frozenset()
) -> SnapTimes:
    """Return what times snap to: of things that do not move, of markers and the playhead.

    ``item`` and the events ``others`` are what moves.
    """
    marks = [document.marker("A"), document.marker("B"), document.playhead_ns]
    things = other_times_ns(document.scenario, item, others)
    marks_ns = np.array([time_ns for time_ns in marks if time_ns is not None], np.int64)
    return SnapTimes(np.append(things, marks_ns))


class ItemDrag(Record):
    """An item of ``scenario`` that was pressed at a pixel and would now go to ``time_ns``.

    ``events`` are the indices of the chosen events if the item is one of several: they all move.
    """

    scenario: Scenario
    item: Item
    snaps: SnapTimes
    pressed_x: float
    pressed_y: float
    time_ns: int
    events: frozenset[int] = frozenset()
    has_moved: bool = False

    @classmethod
    def begun(cls, document: Document, item: Item, x: float, y: float) -> ItemDrag:
        """Take hold of an item, and of all chosen events if it is one of several."""
        events = document.chosen_events
        if item.kind is not ItemKind.EVENT or item.index not in events or len(events) < 2:
            events = frozenset[int]()
        snaps = snap_times(document, item, events)
        return cls(document.scenario, item, snaps, x, y, item.time_ns, events)

    def moved(self, axis: TimeAxis, x: float, *, snaps: bool) -> ItemDrag:
        """Return the drag with the pointer at ``x``; a few pixels are still a click."""
        if not self.has_moved and abs(x - self.pressed_x) < _CLICK_PX:
            return self
        time_ns = self.snaps.snapped_ns(axis, x) if snaps else axis.time_ns(x)
        return replace(self, time_ns=max(time_ns, self._least_ns), has_moved=True)

    @property
    def _least_ns(self) -> int:
        """The earliest time for the item at which none of its companions is below 0."""
        if not self.events:
            return 0
        return self.item.time_ns - self.scenario.events[min(self.events)].time_ns

    @property
    def by_ns(self) -> int:
        """How much later all that is held would happen."""
        return self.time_ns - self.item.time_ns

    def edit(self) -> Edit:
        """Return the edit that moves all that is held; MtrrvizError if it cannot be there."""
        if self.events:
            return edits.move_events(self.scenario, self.events, self.by_ns)
        return move_item(self.scenario, self.item, self.time_ns)

    @property
    def words(self) -> str:
        """The time to which the item would go, and how far that is."""
        sign = "\N{MINUS SIGN}" if self.by_ns < 0 else "+"
        words = f"{format_time_ns(self.time_ns)}  ({sign}{format_time_ns(abs(self.by_ns))})"
        return f"{words}, {plural(len(self.events), 'event')}" if self.events else words

    def paint(self, painter: QPainter, theme: Theme, axis: TimeAxis, rect: QRect) -> None:
        """Paint a ghost with the time over the widget's ``rect``, once the item has moved."""
        if not self.has_moved:
            return
        x, accent = round(axis.x(self.time_ns)), QColor(theme.accent)
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        painter.drawLine(x, rect.top(), x, rect.bottom())
        times_ns = (self.scenario.events[index].time_ns + self.by_ns for index in self.events)
        for other in {round(axis.x(time_ns)) for time_ns in times_ns} - {x}:
            painter.drawLine(other, rect.center().y(), other, rect.bottom())
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(self.words) + 10, metrics.height() + 4
        # beside the line, where there is room, and above the pointer
        left = x + 6 if x + 6 + width <= rect.right() else x - 6 - width
        label = QRect(left, max(rect.top(), round(self.pressed_y) - height - 8), width, height)
        painter.fillRect(label, accent)
        painter.setPen(QColor(theme.on_accent))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, self.words)
