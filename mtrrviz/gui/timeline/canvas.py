"""The timeline's canvas: a cached picture with the playhead, markers and pointer on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from mtrrviz.core.units import format_time_ns
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_layout import (
    LANE_PX_BY_HAND,
    LEFT_PX,
    RIGHT_PX,
    Compared,
    Extras,
    Rows,
    comfortable_height,
    rows,
)
from mtrrviz.gui.common.event_filters import KeysFirst, PointerTips
from mtrrviz.gui.common.looks.text_size import keep_limits
from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.gui.timeline.chosen_actions import ChosenActions
from mtrrviz.gui.timeline.drag import DragKind, handle_at
from mtrrviz.gui.timeline.hover import words_at
from mtrrviz.gui.timeline.item_dialogs import ask_change
from mtrrviz.gui.timeline.item_drag import snap_times
from mtrrviz.gui.timeline.items import Item, items_at, items_at_time
from mtrrviz.gui.timeline.lane_actions import add_lane_actions, rename_lane
from mtrrviz.gui.timeline.overlay import Overlay
from mtrrviz.gui.timeline.painting import TimelinePainter, label_scale, small_metrics
from mtrrviz.gui.timeline.pointer import Pointer
from mtrrviz.gui.timeline.scene import Scene
from mtrrviz.gui.timeline.timeline_menu import TimelineMenu
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

_EDGE_PX = 4
_ZOOM_STEP = 1.25
_PAN_SHARE = 0.1
_LANE_STEP_PX = 2
_OWN_STEP_PX = 8
_LEAST_WIDTH_PX = 260


class TimelineCanvas(QWidget):
    """Shows a :class:`Scene` over a :class:`TimeAxis`; its own state is only where it looks.

    Mouse: wheel zooms at the pointer, Shift+wheel or a drag of the empty area or the middle button
    pans, Ctrl+wheel makes the lanes higher, a click sets the playhead, the playhead, the markers,
    events, borders of phases and flags can be dragged (snapping unless Alt is held; Escape gives
    up), Shift+drag sets both markers, Shift or Ctrl and a click choose events, Ctrl+drag all in a
    band, and a drag of one then moves all; Escape chooses none. A double click changes what is
    under it, or fits and leaves the time. The right button, or the menu key at the playhead, opens
    a menu of edits.
    """

    view_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._pointer = Pointer(self, bridge)
        KeysFirst(self, lambda key: key == Qt.Key.Key_Escape and self._has_to_give_up)
        self._bridge = bridge
        self._document = bridge.document
        self._scene = Scene.of(self._document, None, Compared.BELOW)
        self._axis = TimeAxis.fitted(self._document.duration_ns, LEFT_PX + _EDGE_PX, 600)
        self._picture: QPixmap | None = None
        self._lane_px: int | None = None
        self._own_px: dict[int, int] = {}
        self._shown_playhead_ns = self._document.playhead_ns
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumWidth(_LEAST_WIDTH_PX)
        keep_limits(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Timeline")
        self.refresh()

    def sizeHint(self) -> QSize:
        """Ask for enough height to read eight lanes."""
        return QSize(900, 240)

    # What is shown

    @property
    def scene(self) -> Scene:
        """What is shown."""
        return self._scene

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
            self._extras,
        )

    @property
    def _extras(self) -> Extras:
        scene = self._scene
        return Extras(
            has_checks=scene.check is not None,
            has_faults=not scene.scenario.machine.is_host,
            has_flags=bool(scene.flags),
            has_touches=bool(len(scene.touches)) and not scene.scenario.machine.is_host,
            lane_px=self._lane_px,
            own_px=self._own_px,
            text_scale=label_scale(self.font()),
        )

    @property
    def lane_px(self) -> int | None:
        """How high the user made the lanes; None for as high as there is room."""
        return self._lane_px

    def set_lane_px(self, lane_px: int | None) -> None:
        """Make all lanes so high, single ones as well; None leaves it to the timeline."""
        self._lane_px = lane_px
        self._own_px.clear()
        self._claim_height()

    def grow_lane(self, lane: int, steps: int) -> None:
        """Make one lane higher than the others, or lower by ``steps`` below 0."""
        low, high = LANE_PX_BY_HAND
        wanted = self.layout_rows.lane_height(lane) + steps * _OWN_STEP_PX
        self._own_px[lane] = min(max(low, wanted), high)
        self._claim_height()

    def _claim_height(self) -> None:
        """Ask for the height at which all can be told; with less the timeline is scrolled."""
        scene = self._scene
        self.setMinimumHeight(comfortable_height(scene.events.lanes, scene.shows, self._extras))
        self.redraw()

    def grow_lanes(self, steps: int) -> None:
        """Make the lanes higher, or lower by ``steps`` below 0."""
        low, high = LANE_PX_BY_HAND
        wanted = self.layout_rows.lane_px + steps * _LANE_STEP_PX
        self.set_lane_px(min(max(low, wanted), high))

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
        self._claim_height()

    def redraw(self) -> None:
        """Draw the picture anew at the next chance: size, theme or content has changed."""
        self._picture = None
        self.update()

    def follow_playhead(self) -> None:
        """Show the playhead; if it was on screen and leaves it, the axis goes with it."""
        axis, before_ns = self._axis, self._shown_playhead_ns
        self._shown_playhead_ns = self._document.playhead_ns
        if axis.start_ns <= before_ns <= axis.end_ns and not self._pointer.is_dragging:
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
        self._place_axis()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Make room for labels of another size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._claim_height()
            self._place_axis()

    def _place_axis(self) -> None:
        """Put the axis between the labels at both sides."""
        scale = label_scale(self.font())
        left = round(LEFT_PX * scale) + _EDGE_PX
        width = self.width() - left - round(RIGHT_PX * scale) - _EDGE_PX
        self._axis = self._axis.resized(left, width)
        self.redraw()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the picture and draw on it what moves."""
        painter = QPainter(self)
        self._paint_still(painter)
        theme, layout = self._bridge.theme, self.layout_rows
        Overlay(painter, theme, self._document, self._scene, self._axis, layout).paint()
        if self._pointer.moving is not None:
            self._pointer.moving.paint(painter, theme, self._axis, self.rect())
        if self._pointer.band is not None:
            self._pointer.band.paint(painter, theme)
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

    # Pointer

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; with Shift, or sideways, pan; with Ctrl change the lanes' height."""
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.grow_lanes(1 if delta.y() > 0 else -1)
            event.accept()
            return
        sideways = delta.x() if abs(delta.x()) > abs(delta.y()) else 0
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways = delta.x() or delta.y()
        if sideways:
            self.set_axis(self._axis.panned(-sideways / 120 * _PAN_SHARE * self._axis.width))
        else:
            self.zoom(_ZOOM_STEP ** (delta.y() / 120), event.position().x())
        event.accept()

    def items_at(self, position: QPointF) -> list[Item]:
        """Return what can be moved and changed at a position, the nearest first."""
        return items_at(
            self._scene,
            self._axis,
            self.layout_rows,
            position.x(),
            position.y(),
            small_metrics(self.font()).horizontalAdvance,
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of an item, the playhead, a marker or the axis."""
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or show what could be dragged."""
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; what was a click sets the playhead."""
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask about what is under the pointer or a lane's name, else show the whole scenario.

        Where the first click put the playhead is taken back.
        """
        event.accept()
        self._document.set_playhead(self._pointer.pressed_at_ns)
        items = self.items_at(event.position())
        lane = self.layout_rows.lane_at(event.position().y())
        if lane is not None and event.position().x() < self._axis.left - _EDGE_PX:
            rename_lane(self._bridge, self, lane)
        elif items:
            ask_change(self._bridge, items[0], self)
        else:
            self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done here; by key, what can be done at the playhead."""
        event.accept()
        if self._pointer.moving is not None:
            return
        lane = self.layout_rows.lane_at(event.pos().y())
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            lane = self._own_lane()
            time_ns = self._document.playhead_ns
            x = min(max(self._axis.left, round(self._axis.x(time_ns))), self._axis.right)
            place = self.mapToGlobal(QPoint(x, self.layout_rows.phases_bottom))
            items = items_at_time(self._document.scenario, time_ns)
        elif lane is not None and event.pos().x() < self._axis.left - _EDGE_PX:
            self._lane_menu(lane).popup(event.globalPos())
            return
        else:
            place, position = event.globalPos(), QPointF(event.pos())
            items = self.items_at(position)
            snaps = snap_times(self._document)
            time_ns = items[0].time_ns if items else snaps.snapped_ns(self._axis, position.x())
        self._make_menu(items, time_ns, lane).popup(place)

    def menu_now(self) -> QMenu:
        """Return the menu of what can be done at the playhead."""
        time_ns = self._document.playhead_ns
        items = items_at_time(self._document.scenario, time_ns)
        return self._make_menu(items, time_ns, self._own_lane())

    def _own_lane(self) -> int:
        """Return the lane of the selected vCPU, which keys are about."""
        return self._document.vcpu // self._scene.events.vcpus_per_lane

    def _make_menu(self, items: list[Item], time_ns: int, lane: int | None) -> QMenu:
        menu = TimelineMenu(self._bridge, items, time_ns, self)
        menu.addSeparator()
        ChosenActions(self._bridge, self).add_to(menu)
        if lane is not None:
            name = menu_text(self._scene.events.lane_name(lane))
            add_lane_actions(menu.addMenu(f"Lane {name}"), self._bridge, self, lane)
        menu.addAction("Higher lanes\tUp", lambda: self.grow_lanes(1))
        menu.addAction("Lower lanes\tDown", lambda: self.grow_lanes(-1))
        usual = menu.addAction("Lanes of the usual height", lambda: self.set_lane_px(None))
        usual.setEnabled(self._lane_px is not None)
        return menu

    def _lane_menu(self, lane: int) -> QMenu:
        """Return the menu of a lane's name, beside the axis."""
        menu = QMenu(self)
        menu.setObjectName("lane_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_lane_actions(menu, self._bridge, self, lane)
        return menu

    # Keys and tooltips

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan, zoom and fit; make lanes higher or lower; give a drag up."""
        step = _PAN_SHARE * self._axis.width
        match event.key():
            case Qt.Key.Key_Left:
                self.set_axis(self._axis.panned(-step))
            case Qt.Key.Key_Right:
                self.set_axis(self._axis.panned(step))
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                self.grow_lanes(1 if event.key() == Qt.Key.Key_Up else -1)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(_ZOOM_STEP**2)
            case Qt.Key.Key_Minus:
                self.zoom(_ZOOM_STEP**-2)
            case Qt.Key.Key_Escape if self._has_to_give_up:
                self._give_up()
            case Qt.Key.Key_Delete if self._document.chosen_events:
                scenario, chosen = self._document.scenario, self._document.chosen_events
                self._bridge.edit(lambda: edits.remove_events(scenario, chosen))
            case Qt.Key.Key_Home | Qt.Key.Key_F:
                self.fit()
            case _:
                super().keyPressEvent(event)

    @property
    def _has_to_give_up(self) -> bool:
        """Whether Escape means something here: an item is held, a band drawn, an event chosen."""
        pointer = self._pointer
        is_held = pointer.moving is not None or pointer.band is not None
        return is_held or bool(self._document.chosen_events)

    def _give_up(self) -> None:
        """Leave what is held where it was; if nothing is, choose no events any more."""
        if self._pointer.moving is None and self._pointer.band is None:
            self._document.choose_events(())
        self._pointer.give_up()

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
