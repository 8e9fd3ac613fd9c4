"""What moves over the timeline's picture: the playhead, the markers, what has yet to happen."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygon

from mtrrviz.core.record import Record
from mtrrviz.scenario.event_columns import KIND_CODES
from mtrrviz.scenario.events import EventKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.timeline.scene import Scene
    from mtrrviz.session.document import Document

_AFTER_ALPHA = 120
_SPAN_ALPHA = 28
_PICK_PX = 4
_NOTE = KIND_CODES[EventKind.NOTE]
#: What stands for the row of flags among lanes; events of the VM have -1.
_FLAGS = -2


class Overlay(Record):
    """Paints with one theme, axis and layout; made anew for each paint."""

    painter: QPainter
    theme: Theme
    document: Document
    scene: Scene
    axis: TimeAxis
    rows: Rows

    def paint(self) -> None:
        """Draw it all."""
        self._paint_future()
        self._paint_chosen()
        self._paint_markers()
        self._paint_picked()
        self._paint_playhead()

    def _paint_future(self) -> None:
        """Veil what lies after the playhead: it has not happened yet."""
        left = max(round(self.axis.x(self.document.playhead_ns)) + 1, self.axis.left - 4)
        veil = QColor(self.theme.panel)
        veil.setAlpha(_AFTER_ALPHA)
        top = self.rows.tracks[0].top
        width = self.axis.right + 4 - left
        if width > 0:
            self.painter.fillRect(left, top, width, self.rows.height - top, veil)

    def _paint_playhead(self) -> None:
        x = self._pixel_of(self.document.playhead_ns)
        if x is None:
            return
        colour = QColor(self.theme.playhead)
        bottom = self.rows.ruler_bottom
        self.painter.fillRect(x, bottom - 4, 1, self.rows.height - bottom + 4, colour)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour)
        handle = [QPoint(x - 5, bottom - 9), QPoint(x + 6, bottom - 9), QPoint(x, bottom)]
        self.painter.drawPolygon(QPolygon(handle))

    def _paint_picked(self) -> None:
        """Frame the zaps of the playhead's very moment, in each track."""
        x = self._pixel_of(self.document.playhead_ns)
        if x is None:
            return
        self.painter.setPen(QColor(self.theme.accent))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        for run, track in zip(self.scene.tracks, self.rows.tracks, strict=True):
            zaps = slice(0) if run is None else run.zaps.at(self.document.playhead_ns)
            if run is not None and zaps.start < zaps.stop:
                share = float(self.scene.scale.share(float(run.zaps.cycles[zaps].max())))
                top = track.y(share) - _PICK_PX
                self.painter.drawRect(x - _PICK_PX, top, 2 * _PICK_PX, track.baseline - top)

    def _paint_chosen(self) -> None:
        """Frame the chosen events in their lanes."""
        if self.scene.scenario.events is not self.document.scenario.events:
            return  # the scene has yet to follow
        self.painter.setPen(QColor(self.theme.accent))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, lane in self._places(_rows_of(self.document.chosen_events)):
            top, bottom = self._extent(lane)
            self.painter.drawRect(x - _PICK_PX, top, 2 * _PICK_PX + 1, bottom - top)

    def _places(self, rows: NDArray[np.intp]) -> list[tuple[int, int]]:
        """Return the pixels and lanes of those events that are on screen, each pair once."""
        events, axis = self.scene.scenario.events, self.axis
        left, right = axis.left - 4, axis.right + 4
        xs = axis.rounded_xs(events.time_ns[rows])
        is_seen = (xs >= left) & (xs <= right)
        rows, xs = rows[is_seen], xs[is_seen]
        lanes = self.scene.events.lane[rows].astype(np.intp)
        lanes[(lanes < 0) & (events.kind[rows] == _NOTE)] = _FLAGS
        is_there = np.zeros((right - left + 1, int(lanes.max(initial=0)) - _FLAGS + 1), np.bool_)
        is_there[xs - left, lanes - _FLAGS] = True
        x, lane = np.nonzero(is_there)
        return list(zip((x + left).tolist(), (lane + _FLAGS).tolist(), strict=True))

    def _extent(self, lane: int) -> tuple[int, int]:
        """Return the top and the bottom of a lane: of a vCPU, of the flags, or of devices."""
        if lane >= 0:
            return self.rows.lane_top(lane), self.rows.lane_top(lane + 1)
        if self.rows.flags is not None and lane == _FLAGS:
            return self.rows.flags
        return self.rows.dma_top, self.rows.dma_bottom

    def _pixel_of(self, time_ns: int) -> int | None:
        x = round(self.axis.x(time_ns))
        return x if self.axis.left - 4 <= x <= self.axis.right + 4 else None

    def _paint_markers(self) -> None:
        accent = QColor(self.theme.accent)
        times = [self.document.marker(name) for name in ("A", "B")]
        if None not in times:
            low, high = sorted(round(self.axis.x(time_ns or 0)) for time_ns in times)
            span = QColor(accent)
            span.setAlpha(_SPAN_ALPHA)
            low, high = max(low, self.axis.left - 4), min(high, self.axis.right + 4)
            self.painter.fillRect(low, 0, max(0, high - low), self.rows.height, span)
        for name, time_ns in zip("AB", times, strict=True):
            x = None if time_ns is None else self._pixel_of(time_ns)
            if x is not None:
                self._paint_marker(name, x, accent)

    def _paint_marker(self, name: str, x: int, accent: QColor) -> None:
        self.painter.fillRect(x, 0, 1, self.rows.height, accent)
        flag = QRect(x if name == "A" else x - 13, 0, 14, 13)
        self.painter.fillRect(flag, accent)
        self.painter.setPen(QColor(self.theme.on_accent))
        self.painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, name)


@lru_cache(maxsize=1)
def _rows_of(events: frozenset[int]) -> NDArray[np.intp]:
    """Return the indices of chosen events as an array, which is asked for at each paint."""
    return np.fromiter(events, np.intp, len(events))
