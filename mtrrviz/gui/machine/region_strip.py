"""The address space as a strip of regions whose borders can be dragged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QToolTip, QWidget

from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.session.forms.region_draft import Edge, Regions, drag_border, gaps

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

_GRIP_PX = 5
_SHADES = {
    RegionKind.RAM: 0.55,
    RegionKind.ROM: 0.4,
    RegionKind.DEVICE_RAM: 0.45,
    RegionKind.PASSTHROUGH: 0.35,
    RegionKind.MMIO: 0.2,
    RegionKind.RESERVED: 0.12,
    RegionKind.UNKNOWN: 0.06,
}


class _StripPart(NamedTuple):
    """A stretch of addresses and where it is painted; ``region`` is the number of one, or None."""

    start: int
    end: int
    left: float
    right: float
    region: int | None


class _Grip(NamedTuple):
    """A border that is being dragged, with the strip as it was when that began."""

    region: int
    edge: Edge
    pieces: tuple[_StripPart, ...]
    regions: Regions


class RegionStrip(QWidget):
    """All regions side by side, by address; small ones keep a width that can be seen.

    A stretch is as wide as the logarithm of its size, so nothing is to scale; the table beside it
    has the numbers. ``dragged`` carries the regions as a border is moved, ``chosen`` the number of
    a region that was clicked.
    """

    dragged = Signal(object)
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._regions: Regions = ()
        self._selected = -1
        self._grip: _Grip | None = None
        self.maxphyaddr = 46
        self.setMouseTracking(True)
        self.setMinimumHeight(3 * self.fontMetrics().height())
        self.setAccessibleName("Regions by address")
        self.setAccessibleDescription("Drag a border to resize a region; the table has the numbers")

    def show_regions(self, regions: Regions, selected: int) -> None:
        """Show regions, one of them selected (-1: none)."""
        self._regions, self._selected = regions, selected
        self.update()

    def pieces(self) -> tuple[_StripPart, ...]:
        """Return what is painted, from left to right."""
        end = max((region.end for region in self._regions), default=0)
        spans: list[tuple[int, int, int | None]] = [
            (region.start, region.end, number) for number, region in enumerate(self._regions)
        ]
        spans += [(start, stop, None) for start, stop in gaps(self._regions, end)]
        spans.append((end, end + max(end // 8, PAGE_SIZE), None))  # room to grow into
        spans.sort(key=lambda span: span[0])
        weights = [math.log2((stop - start) / PAGE_SIZE + 1) + 1 for start, stop, _ in spans]
        scale = self.width() / sum(weights)
        pieces: list[_StripPart] = []
        left = 0.0
        for (start, stop, number), weight in zip(spans, weights, strict=True):
            pieces.append(_StripPart(start, stop, left, left + weight * scale, number))
            left += weight * scale
        return tuple(pieces)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the regions, with their names where there is room."""
        painter = QPainter(self)
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Highlight)
        text = palette.color(QPalette.ColorRole.WindowText)
        base = palette.color(QPalette.ColorRole.Base)
        for piece in self.pieces():
            area = QRectF(piece.left, 0, piece.right - piece.left, self.height()).adjusted(
                0, 1, 0, -1
            )
            region = None if piece.region is None else self._regions[piece.region]
            painter.fillRect(
                area, _shade(base, accent, 0.0 if region is None else _SHADES[region.kind])
            )
            painter.setPen(
                text if piece.region == self._selected else palette.color(QPalette.ColorRole.Mid)
            )
            painter.drawLine(area.topLeft(), area.bottomLeft())
            if region is None:
                continue
            if piece.region == self._selected:
                painter.drawRect(area.adjusted(0, 0, -1, -1))
            self._paint_name(painter, area, region, text)

    def _paint_name(self, painter: QPainter, area: QRectF, region: Region, ink: QColor) -> None:
        inner = area.adjusted(4, 0, -4, 0)
        metrics = painter.fontMetrics()
        if inner.width() < metrics.averageCharWidth() * 3:
            return
        painter.setPen(ink)
        words = metrics.elidedText(region.name, Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, words)

    # Dragging

    def _border_at(self, x: float) -> _Grip | None:
        """Return the border under the mouse; where two regions touch, that of the left one."""
        pieces = self.pieces()
        for piece in pieces:
            if piece.region is None:
                continue
            if abs(piece.right - x) <= _GRIP_PX:
                return _Grip(piece.region, Edge.END, pieces, self._regions)
            if abs(piece.left - x) <= _GRIP_PX and piece.start:
                return _Grip(piece.region, Edge.START, pieces, self._regions)
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a border, or select a region."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._grip = self._border_at(event.position().x())
        piece = self._piece_at(event.position())
        if self._grip is not None:
            self.chosen.emit(self._grip.region)
        elif piece is not None and piece.region is not None:
            self.chosen.emit(piece.region)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the border, or say what is under the mouse."""
        x = event.position().x()
        if self._grip is None:
            on_border = self._border_at(x) is not None
            self.setCursor(
                Qt.CursorShape.SizeHorCursor if on_border else Qt.CursorShape.ArrowCursor
            )
            self._tell(event)
            return
        grip = self._grip
        to = _address_at(grip.pieces, x)
        self.dragged.emit(drag_border(grip.regions, grip.region, grip.edge, to, self.maxphyaddr))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go of the border."""
        self._grip = None

    def _piece_at(self, at: QPointF) -> _StripPart | None:
        return next((p for p in self.pieces() if p.left <= at.x() < p.right), None)

    def _tell(self, event: QMouseEvent) -> None:
        piece = self._piece_at(event.position())
        if piece is None:
            return
        name = "nothing" if piece.region is None else self._regions[piece.region].words
        span = f"{format_gpa(piece.start)}-{format_gpa(piece.end - 1)}"
        words = f"{name}: {span}, {format_size(piece.end - piece.start)}"
        QToolTip.showText(event.globalPosition().toPoint(), plain_tip(words), self)


def _address_at(pieces: tuple[_StripPart, ...], x: float) -> int:
    """Return the address at a place of the strip, as coarse as a pixel is there."""
    piece = next((p for p in pieces if p.left <= x < p.right), pieces[-1 if x > 0 else 0])
    share = min(max((x - piece.left) / max(piece.right - piece.left, 1.0), 0.0), 1.0)
    exact = piece.start + share * (piece.end - piece.start)
    per_pixel = (piece.end - piece.start) / max(piece.right - piece.left, 1.0)
    step = max(PAGE_SIZE, 1 << max(math.ceil(math.log2(max(per_pixel, 1.0))), 0))
    return round(exact / step) * step


def _shade(base: QColor, ink: QColor, share: float) -> QColor:
    """Return a mixture of two colours."""
    return QColor.fromRgbF(
        base.redF() + (ink.redF() - base.redF()) * share,
        base.greenF() + (ink.greenF() - base.greenF()) * share,
        base.blueF() + (ink.blueF() - base.blueF()) * share,
    )
