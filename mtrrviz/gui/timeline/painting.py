"""Draws the timeline's picture: everything but the playhead, the markers and what is hovered."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF

from mtrrviz.geometry.time_axis import TimeAxis
from mtrrviz.geometry.timeline_columns import COLUMN_PX, Stems, clusters, count_steps, stems
from mtrrviz.geometry.timeline_events import Mark
from mtrrviz.geometry.timeline_layout import LEFT_PX, RIGHT_PX, Rows
from mtrrviz.gui.theme import Theme
from mtrrviz.gui.timeline.scene import Scene
from mtrrviz.scenario.model import Aps
from mtrrviz.sim.run import Run

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
#: Below this height of a lane only some lanes are named.
_NAMED_LANE_PX = 10
#: A vCPU's mark is drawn over this share of the lane: (from, to), by kind.
_MARK_SPANS = {
    Mark.PAT: (0.6, 1.0),
    Mark.CR0: (0.0, 0.4),
    Mark.INIT: (0.3, 0.7),
    Mark.MTRR: (0.0, 1.0),
    Mark.REFUSED: (0.0, 1.0),
    Mark.USER: (0.0, 1.0),
}
_STEM_PX = COLUMN_PX - 1


class TimelinePainter:
    """Paints a scene with one theme, axis and layout; made anew for each picture."""

    def __init__(
        self, painter: QPainter, theme: Theme, scene: Scene, axis: TimeAxis, rows: Rows
    ) -> None:
        self._painter = painter
        self._theme = theme
        self._scene = scene
        self._axis = axis
        self._rows = rows
        font = QFont(painter.font())
        font.setPointSizeF(max(6.5, font.pointSizeF() - 1.5))
        painter.setFont(font)
        self._metrics = QFontMetrics(font)

    def paint(self) -> None:
        """Draw it all."""
        self._painter.fillRect(0, 0, self._rows.width, self._rows.height, self._colour("panel"))
        self._paint_ruler()
        self._paint_scales()
        self._paint_lane_names()
        self._painter.setClipRect(self._plot_rect())
        self._paint_grid()
        self._paint_phases()
        self._paint_compared()
        self._paint_run()
        self._paint_events()
        self._paint_dma()
        self._painter.setClipping(False)

    def _colour(self, name: str) -> QColor:
        return QColor(getattr(self._theme, name))

    def _plot_rect(self) -> QRect:
        """The axis with a little room beside it, so that zaps at 0 s are seen whole."""
        return QRect(self._axis.left - 4, 0, self._axis.width + 8, self._rows.height)

    def _text(self, rect: QRect, align: int, text: str, colour: str = "dim") -> None:
        self._painter.setPen(self._colour(colour))
        self._painter.drawText(rect, align, text)

    # Ruler, grid and scales

    def _paint_ruler(self) -> None:
        bottom = self._rows.ruler_bottom
        for tick in self._axis.ticks(110):
            x = round(self._axis.x(tick.time_ns))
            size = 6 if tick.text else 3
            self._painter.fillRect(x, bottom - size, 1, size, self._colour("faint"))
            if tick.text:
                left = min(max(x - 55, 2), self._rows.width - 112)
                self._text(QRect(left, 0, 110, bottom - 5), _CENTRE, tick.text)

    def _paint_grid(self) -> None:
        rows, colour = self._rows, self._colour("grid")
        for tick in self._axis.ticks(110):
            if tick.text:
                x = round(self._axis.x(tick.time_ns))
                self._painter.fillRect(x, rows.phases_bottom, 1, rows.height, colour)
        for share, _ in self._scene.scale.ticks():
            self._painter.fillRect(self._axis.left, self._y(share), self._axis.width, 1, colour)
        for lane in range(rows.lanes + 1):
            y = rows.lanes_top + lane * rows.lane_px
            self._painter.fillRect(self._axis.left, y, self._axis.width, 1, colour)

    def _y(self, share: float) -> int:
        """Return the height of a share of the stems' scale."""
        return self._rows.baseline - round(share * (self._rows.baseline - self._rows.stems_top))

    def _paint_scales(self) -> None:
        for share, text in self._scene.scale.ticks():
            self._text(QRect(0, self._y(share) - 8, LEFT_PX - 8, 16), _RIGHT, text)
        rows = self._rows
        title = QRect(8, rows.phases_bottom, LEFT_PX, rows.stems_top - rows.phases_bottom)
        self._text(title, _LEFT, "cycles")
        left = rows.plot_right + 8
        self._text(QRect(left, title.top(), RIGHT_PX, title.height()), _LEFT, "zaps")
        most = self._scene.most_zaps
        self._text(QRect(left, rows.stems_top - 4, RIGHT_PX, 16), _LEFT, f"{most}")
        self._text(QRect(left, rows.baseline - 10, RIGHT_PX, 16), _LEFT, "0")

    def _paint_lane_names(self) -> None:
        rows = self._rows
        every = 1 if rows.lane_px >= _NAMED_LANE_PX else -(-_NAMED_LANE_PX // rows.lane_px)
        for lane in range(0, rows.lanes, every):
            top = rows.lanes_top + lane * rows.lane_px - 4
            rect = QRect(0, top, LEFT_PX - 8, rows.lane_px + 8)
            self._text(rect, _RIGHT, self._scene.events.lane_text(lane))
        rect = QRect(0, rows.dma_top - 4, LEFT_PX - 8, rows.dma_bottom - rows.dma_top + 8)
        self._text(rect, _RIGHT, "DMA")

    def _paint_phases(self) -> None:
        rows = self._rows
        for number, (phase, start_ns, end_ns) in enumerate(self._scene.phase_spans()):
            left = max(round(self._axis.x(start_ns)), self._axis.left - 4)
            right = min(round(self._axis.x(end_ns)), self._axis.right + 4)
            if right <= left or left > self._axis.right:
                continue
            rect = QRect(left, rows.phases_top, right - left, rows.phases_bottom - rows.phases_top)
            self._painter.fillRect(rect, self._colour("hover" if number % 2 else "raised"))
            self._painter.fillRect(left, rect.top(), 1, rect.height(), self._colour("faint"))
            if phase.aps is Aps.CONCURRENT:
                self._painter.fillRect(
                    left, rect.bottom() - 1, rect.width(), 2, self._colour("dim")
                )
            room = rect.adjusted(6, 0, -4, 0)
            text = self._metrics.elidedText(phase.name, Qt.TextElideMode.ElideRight, room.width())
            if len(text) > 2:
                self._text(room, _LEFT, text, "text")

    # Zaps

    def _paint_run(self) -> None:
        rows, run = self._rows, self._scene.run
        baseline = QRect(self._axis.left - 4, rows.baseline, self._axis.width + 8, 1)
        self._painter.fillRect(baseline, self._colour("faint"))
        if run is None:
            return
        self._paint_count(run, self._colour("dim"), Qt.PenStyle.SolidLine)
        parts = stems(run.zaps, self._axis, self._scene.scale)
        self._paint_stems(parts)
        self._paint_cluster_counts(parts)

    def _paint_stems(self, parts: Stems) -> None:
        brushes = [QBrush(QColor(colour)) for colour in self._theme.vcpus]
        vm_brush, cap = QBrush(self._colour("text")), self._colour("text")
        columns = (
            *(parts.x, parts.low, parts.high, parts.vcpu),
            *(parts.contended, parts.partial, parts.is_top),
        )
        for x, low, high, vcpu, contended, partial, is_top in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            top, bottom = self._y(high), self._y(low)
            brush = vm_brush if vcpu < 0 else brushes[vcpu % len(brushes)]
            left, width = (x + 1, 1) if partial else (x, _STEM_PX)
            self._painter.fillRect(left, top, width, max(1, bottom - top), brush)
            if is_top and contended:
                self._painter.fillRect(x, top - 2, COLUMN_PX, 2, cap)
            elif is_top and partial:
                self._painter.fillRect(x, top - 1, _STEM_PX, _STEM_PX, brush)

    def _paint_cluster_counts(self, parts: Stems) -> None:
        free_from = -1
        for group in clusters(parts):
            text = f"{group.count}"
            width = self._metrics.horizontalAdvance(text) + 6
            left = (group.left + group.right - width) // 2
            if left >= free_from and group.count > 1:
                self._text(QRect(left, self._y(group.top) - 17, width, 14), _CENTRE, text)
                free_from = left + width

    def _paint_compared(self) -> None:
        run = self._scene.compared
        if run is None:
            return
        brush = QBrush(self._colour("faint"))
        height = self._rows.baseline - self._rows.stems_top
        parts = stems(run.zaps, self._axis, self._scene.scale)
        for x, high in zip(parts.x.tolist(), parts.high.tolist(), strict=True):
            self._painter.fillRect(
                x, self._rows.baseline + 2, _STEM_PX, round(high * height), brush
            )
        self._paint_count(run, self._colour("faint"), Qt.PenStyle.DotLine)

    def _paint_count(self, run: Run, colour: QColor, style: Qt.PenStyle) -> None:
        """Draw the running count as a step line, to its own scale at the right."""
        height = self._rows.baseline - self._rows.stems_top
        line = QPolygonF()
        y = None
        for x, count in count_steps(run.zaps.time_ns, self._axis):
            if y is not None:
                line.append(QPointF(x + 0.5, y))
            # whole pixels: Qt drops the steps of a line that are shorter than one
            y = self._rows.baseline - round(height * count / self._scene.most_zaps) - 0.5
            line.append(QPointF(x + 0.5, y))
        self._painter.setPen(QPen(colour, 1, style))
        self._painter.drawPolyline(line)

    # Events

    def _paint_events(self) -> None:
        events = self._scene.events
        for mark, lane, x in events.columns(self._axis):
            if lane >= 0:
                self._paint_mark(Mark(mark), lane, x)

    def _paint_mark(self, mark: Mark, lane: int, x: int) -> None:
        rows = self._rows
        first, last = _MARK_SPANS[mark]
        top = rows.lanes_top + lane * rows.lane_px + 1
        room = rows.lane_px - 1
        rect = QRectF(x, top + round(first * room), 2, max(2, round((last - first) * room)))
        self._painter.fillRect(rect, self._mark_colour(mark, lane))
        if mark is Mark.USER:
            self._painter.fillRect(QRectF(x - 2, top, 6, 2), self._colour("accent"))
        elif mark is Mark.REFUSED:
            self._painter.fillRect(QRectF(x - 2, top + room // 2, 6, 2), self._colour("error"))

    def _mark_colour(self, mark: Mark, lane: int) -> QColor:
        match mark:
            case Mark.USER:
                return self._colour("accent")
            case Mark.REFUSED:
                return self._colour("error")
            case Mark.CR0 | Mark.INIT:
                return self._colour("dim")
            case _ if self._scene.events.vcpus_per_lane > 1:
                return self._colour("text")
            case _:
                return QColor(self._theme.vcpu_colour(lane))

    def _paint_dma(self) -> None:
        rows = self._rows
        height = rows.dma_bottom - rows.dma_top - 3
        for spell in self._scene.events.dma_spells:
            left = max(round(self._axis.x(spell.start_ns)), self._axis.left - 4)
            right = min(round(self._axis.x(spell.end_ns)), self._axis.right + 4)
            rect = QRect(left, rows.dma_top + 2, max(1, right - left), height)
            self._painter.fillRect(rect, self._colour("hatch"))
            if spell.count > 1:
                self._text(rect.adjusted(4, -3, 0, 3), _LEFT, f"{spell.count} devices", "text")
