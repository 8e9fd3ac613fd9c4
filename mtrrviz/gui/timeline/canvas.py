"""The timeline's canvas: a cached picture with the playhead, markers and pointer on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygon,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mtrrviz.core.units import format_time_ns
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_layout import LEFT_PX, RIGHT_PX, Compared, Rows, rows
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.timeline.drag import Drag, DragKind, grab, handle_at
from mtrrviz.gui.timeline.hover import run_at, words_at, zap_at, zap_words
from mtrrviz.gui.timeline.painting import TimelinePainter
from mtrrviz.gui.timeline.scene import Scene

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

_SNAP_PX = 4
_EDGE_PX = 4
_ZOOM_STEP = 1.25
_PAN_SHARE = 0.1
_AFTER_ALPHA = 120
_SPAN_ALPHA = 28
_PICK_PX = 4


class TimelineCanvas(QWidget):
    """Shows a :class:`Scene` over a :class:`TimeAxis`; its own state is only where it looks.

    Mouse: wheel zooms at the pointer, Shift+wheel or a drag of the empty area or the middle button
    pans, a click sets the playhead, the playhead and the markers can be dragged (snapping to events
    unless Alt is held), Shift+drag sets both markers, a double click fits and leaves the time.
    """

    view_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._bridge = bridge
        self._document = bridge.document
        self._scene = Scene.of(self._document, None, Compared.BELOW)
        self._axis = TimeAxis.fitted(self._document.duration_ns, LEFT_PX + _EDGE_PX, 600)
        self._picture: QPixmap | None = None
        self._drag: Drag | None = None
        self._shown_playhead_ns = self._document.playhead_ns
        self._pressed_at_ns = self._document.playhead_ns
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Timeline")
        self.refresh()

    def sizeHint(self) -> QSize:
        """Ask for enough height to read eight lanes."""
        return QSize(900, 240)

    # What is shown

    @property
    def axis(self) -> TimeAxis:
        """The stretch of time that is shown."""
        return self._axis

    @property
    def layout_rows(self) -> Rows:
        """The rows at the present size."""
        scene, size = self._scene, self.size()
        return rows(
            size.width(),
            size.height(),
            scene.events.lanes,
            scene.shows,
            scene.hanging_share,
            has_checks=scene.check is not None,
        )

    def show_compared(self, shows: Compared) -> None:
        """Show the compared policy's zaps in another way, or not at all."""
        self.refresh(shows)

    def refresh(self, shows: Compared | None = None) -> None:
        """Gather anew what the document shows, and redraw."""
        shows = shows or self._scene.shows
        self._scene = Scene.of(self._document, self._scene, shows)
        if self._axis.duration_ns != max(1, self._document.duration_ns):
            axis = self._axis
            self._axis = TimeAxis.fitted(self._document.duration_ns, axis.left, axis.width)
        self.setAccessibleDescription(self._scene.words)
        self.redraw()

    def redraw(self) -> None:
        """Draw the picture anew at the next chance: size, theme or content has changed."""
        self._picture = None
        self.update()

    def follow_playhead(self) -> None:
        """Show the playhead; if it was on screen and leaves it, the axis goes with it."""
        axis, before_ns = self._axis, self._shown_playhead_ns
        self._shown_playhead_ns = self._document.playhead_ns
        if axis.start_ns <= before_ns <= axis.end_ns and self._drag is None:
            self.set_axis(axis.showing(self._shown_playhead_ns))
        self.update()

    def set_axis(self, axis: TimeAxis) -> None:
        """Look at another stretch of time."""
        if axis != self._axis:
            self._axis = axis
            self.redraw()
            self.view_changed.emit()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Zoom at a pixel, or at the playhead if that is on screen, else at the middle."""
        axis = self._axis
        if x is None:
            x = axis.x(self._document.playhead_ns)
            if not axis.left <= x <= axis.right:
                x = axis.left + axis.width / 2
        self.set_axis(axis.zoomed(x, factor))

    def fit(self) -> None:
        """Show the whole scenario."""
        self.set_axis(self._axis.fit())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the times, over the new width."""
        left = LEFT_PX + _EDGE_PX
        self._axis = self._axis.resized(left, self.width() - left - RIGHT_PX - _EDGE_PX)
        self.redraw()
        super().resizeEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the picture and draw on it what moves."""
        painter = QPainter(self)
        self._paint_still(painter)
        self._paint_future(painter)
        self._paint_markers(painter)
        self._paint_picked(painter)
        self._paint_playhead(painter)
        if self.hasFocus():
            painter.setPen(QColor(self._bridge.theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
        event.accept()

    def _paint_still(self, painter: QPainter) -> None:
        """Copy what does not move; into a file of shapes it is drawn, so that words stay words."""
        if painter.paintEngine().type() is QPaintEngine.Type.SVG:
            painter.save()
            self._draw(painter)
            painter.restore()
            return
        if self._picture is None:
            self._picture = self._drawn()
        painter.drawPixmap(0, 0, self._picture)

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        self._draw(painter)
        painter.end()
        return picture

    def _draw(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        is_vector = painter.paintEngine().type() is QPaintEngine.Type.SVG
        ratio = 1.0 if is_vector else self.devicePixelRatioF()
        theme, layout = self._bridge.theme, self.layout_rows
        TimelinePainter(painter, theme, self._scene, self._axis, layout, ratio).paint()

    def _paint_future(self, painter: QPainter) -> None:
        """Veil what lies after the playhead: it has not happened yet."""
        left = max(round(self._axis.x(self._document.playhead_ns)) + 1, self._axis.left - 4)
        layout = self.layout_rows
        veil = QColor(self._bridge.theme.panel)
        veil.setAlpha(_AFTER_ALPHA)
        top = layout.phases_bottom
        width = self._axis.right + 4 - left
        if width > 0:
            painter.fillRect(left, top, width, self.height() - top, veil)

    def _paint_playhead(self, painter: QPainter) -> None:
        x = self._pixel_of(self._document.playhead_ns)
        if x is None:
            return
        colour = QColor(self._bridge.theme.playhead)
        bottom = self.layout_rows.ruler_bottom
        painter.fillRect(x, bottom - 4, 1, self.height() - bottom + 4, colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        handle = [QPoint(x - 5, bottom - 9), QPoint(x + 6, bottom - 9), QPoint(x, bottom)]
        painter.drawPolygon(QPolygon(handle))

    def _paint_picked(self, painter: QPainter) -> None:
        """Frame the zaps of the playhead's very moment, in each track."""
        x = self._pixel_of(self._document.playhead_ns)
        if x is None:
            return
        painter.setPen(QColor(self._bridge.theme.accent))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for run, track in zip(self._scene.tracks, self.layout_rows.tracks, strict=True):
            zaps = slice(0) if run is None else run.zaps.at(self._document.playhead_ns)
            if run is not None and zaps.start < zaps.stop:
                share = float(self._scene.scale.share(float(run.zaps.cycles[zaps].max())))
                top = track.y(share) - _PICK_PX
                painter.drawRect(x - _PICK_PX, top, 2 * _PICK_PX, track.baseline - top)

    def _pixel_of(self, time_ns: int) -> int | None:
        x = round(self._axis.x(time_ns))
        return x if self._axis.left - 4 <= x <= self._axis.right + 4 else None

    def _paint_markers(self, painter: QPainter) -> None:
        accent = QColor(self._bridge.theme.accent)
        times = [self._document.marker(name) for name in ("A", "B")]
        if None not in times:
            low, high = sorted(round(self._axis.x(time_ns or 0)) for time_ns in times)
            span = QColor(accent)
            span.setAlpha(_SPAN_ALPHA)
            low, high = max(low, self._axis.left - 4), min(high, self._axis.right + 4)
            painter.fillRect(low, 0, max(0, high - low), self.height(), span)
        for name, time_ns in zip("AB", times, strict=True):
            x = None if time_ns is None else self._pixel_of(time_ns)
            if x is not None:
                self._paint_marker(painter, name, x, accent)

    def _paint_marker(self, painter: QPainter, name: str, x: int, accent: QColor) -> None:
        painter.fillRect(x, 0, 1, self.height(), accent)
        flag = QRect(x if name == "A" else x - 13, 0, 14, 13)
        painter.fillRect(flag, accent)
        painter.setPen(QColor(self._bridge.theme.on_accent))
        painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, name)

    # Pointer

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; with Shift, or sideways, pan."""
        delta = event.angleDelta()
        sideways = delta.x() if abs(delta.x()) > abs(delta.y()) else 0
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways = delta.x() or delta.y()
        if sideways:
            self.set_axis(self._axis.panned(-sideways / 120 * _PAN_SHARE * self._axis.width))
        else:
            self.zoom(_ZOOM_STEP ** (delta.y() / 120), event.position().x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the playhead, a marker or the axis."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._drag = grab(event, self._axis, self._document, self.layout_rows)
            self._pressed_at_ns = self._document.playhead_ns
            if self._drag.kind is DragKind.PLAYHEAD:
                self._document.set_playhead(self._time_at(event))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or show what could be dragged."""
        if self._drag is None:
            self.setCursor(grab(event, self._axis, self._document, self.layout_rows).cursor)
            return
        self._drag = self._drag.moved(event.position().x())
        match self._drag.kind:
            case DragKind.PLAYHEAD:
                self._document.set_playhead(self._time_at(event))
            case DragKind.MARKER_A | DragKind.MARKER_B:
                self._document.set_marker(self._drag.kind.value, self._time_at(event))
            case DragKind.SPAN if self._drag.has_moved:
                self._set_span(event)
            case DragKind.PAN if self._drag.has_moved:
                self.set_axis(self._drag.axis.panned(self._drag.pressed_x - event.position().x()))
            case _:
                pass

    def _set_span(self, event: QMouseEvent) -> None:
        drag = self._drag
        if drag is not None:
            with self._document.batch():
                self._document.set_marker("A", self._snapped(drag.axis, drag.pressed_x))
                self._document.set_marker("B", self._time_at(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; what was a click sets the playhead."""
        drag, self._drag = self._drag, None
        clicked = drag is not None and drag.kind is DragKind.PAN and not drag.has_moved
        if clicked and event.button() is Qt.MouseButton.LeftButton and not self._picks_zap(event):
            self._document.set_playhead(self._time_at(event))
        event.accept()

    def _picks_zap(self, event: QMouseEvent) -> bool:
        """Go to the zap of the stem that was clicked, of either policy, and tell what it was.

        Alt takes the time as it is, and a click above all stems means none of them.
        """
        place = event.position()
        tops = [track.stems_top > place.y() >= track.top for track in self.layout_rows.tracks]
        if any(tops) or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        run = run_at(self._scene, self.layout_rows, place.y())
        row = zap_at(run, self._axis, place.x())
        if run is None or row is None:
            return False
        self._document.set_playhead(int(run.zaps.time_ns[row]))
        self._bridge.message.emit(f"{run.policy.id}: {zap_words(run, row)}")
        return True

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole scenario, and take back where the first click put the playhead."""
        self._document.set_playhead(self._pressed_at_ns)
        self.fit()
        event.accept()

    def _time_at(self, event: QMouseEvent) -> int:
        """Return the time under the pointer, or of an event close to it unless Alt is held."""
        x = event.position().x()
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return self._axis.time_ns(x)
        return self._snapped(self._axis, x)

    def _snapped(self, axis: TimeAxis, x: float) -> int:
        near = self._scene.events.near(axis, x, None, _SNAP_PX)
        return self._scene.scenario.events[near[0]].time_ns if near else axis.time_ns(x)

    # Keys and tooltips

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan, zoom and fit."""
        step = _PAN_SHARE * self._axis.width
        match event.key():
            case Qt.Key.Key_Left:
                self.set_axis(self._axis.panned(-step))
            case Qt.Key.Key_Right:
                self.set_axis(self._axis.panned(step))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(_ZOOM_STEP**2)
            case Qt.Key.Key_Minus:
                self.zoom(_ZOOM_STEP**-2)
            case Qt.Key.Key_Home | Qt.Key.Key_F:
                self.fit()
            case _:
                super().keyPressEvent(event)

    def tooltip_at(self, position: QPointF) -> str:
        """Return the words about what is at a position of the widget."""
        x, y, layout = position.x(), position.y(), self.layout_rows
        words = words_at(self._scene, self._axis, layout, x, y)
        handle = handle_at(x, y, self._axis, self._document, layout)
        if handle is None or words:
            return words
        return self._handle_words(handle)

    def _handle_words(self, handle: DragKind) -> str:
        if handle is DragKind.PLAYHEAD:
            return f"Playhead: {format_time_ns(self._document.playhead_ns)}"
        return f"Marker {handle.value}: {format_time_ns(self._document.marker(handle.value) or 0)}"

    def tip_at(self, position: QPoint) -> str:
        """Return the words about what is under the pointer."""
        return self.tooltip_at(QPointF(position))
