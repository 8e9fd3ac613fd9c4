"""Drawing on the picture: strokes over the stage, which lets the mouse through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from mtrrviz.session.lecture.drawing import Drawing, Stroke

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

#: The colours of the pen, by name. Each stroke has a dark edge, so that it shows on any type.
PEN_COLOURS = {
    "yellow": "#FFE600",
    "magenta": "#FF4FD8",
    "cyan": "#19D3FF",
    "white": "#FFFFFF",
}
_EDGE = "#101010"
_LINE_PX, _EDGE_PX = 5, 9


class PenLayer(QWidget):
    """Shows a :class:`Drawing`. ``is_on`` is whether the mouse draws without Ctrl."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("pen_layer")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.drawing = Drawing()
        self.is_on = False

    @property
    def colour_name(self) -> str:
        """The name of the colour of the next stroke."""
        return list(PEN_COLOURS)[self.drawing.colour]

    def next_colour(self) -> None:
        """Draw in the next colour from now on."""
        self.drawing.colour = (self.drawing.colour + 1) % len(PEN_COLOURS)

    def begin(self, place: QPointF) -> None:
        """Begin a stroke."""
        self.drawing.begin((place.x(), place.y()))
        self._update_end()

    def draw_to(self, place: QPointF) -> None:
        """Draw on."""
        self.drawing.draw_to((place.x(), place.y()))
        self._update_end()

    def undo(self) -> None:
        """Take the last stroke away."""
        if self.drawing.undo():
            self.update()

    def clear(self) -> None:
        """Take all strokes away."""
        if self.drawing.clear():
            self.update()

    def _update_end(self) -> None:
        """Paint what the newest stroke has become longer by."""
        ends = _line(self.drawing.strokes[-1].points[-2:]).boundingRect()
        room = float(_EDGE_PX)
        self.update(ends.adjusted(-room, -room, room, room).toAlignedRect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop strokes: what they point at is elsewhere now."""
        super().resizeEvent(event)
        self.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all strokes."""
        if not self.drawing.strokes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(event.rect()))
        for stroke in self.drawing.strokes:
            _paint(painter, stroke)


def _paint(painter: QPainter, stroke: Stroke) -> None:
    colour = list(PEN_COLOURS.values())[stroke.colour]
    line = _line(stroke.points)
    round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    for ink, width_px in ((_EDGE, _EDGE_PX), (colour, _LINE_PX)):
        pen = QPen(QColor(ink), width_px, Qt.PenStyle.SolidLine, round_cap, round_join)
        painter.setPen(pen)
        if len(stroke.points) == 1:
            painter.drawPoint(line.first())
        else:
            painter.drawPolyline(line)


def _line(points: list[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])
