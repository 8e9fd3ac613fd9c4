"""What presses, drags and clicks on the timeline do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt

from mtrrviz.core.wording.words import plural
from mtrrviz.gui.timeline.drag import Drag, DragKind, grab
from mtrrviz.gui.timeline.hover import run_at, zap_at, zap_words
from mtrrviz.gui.timeline.item_drag import ItemDrag
from mtrrviz.gui.timeline.items import Item, ItemKind
from mtrrviz.gui.timeline.rubber_band import RubberBand

if TYPE_CHECKING:
    from collections.abc import Collection

    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QMouseEvent

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.timeline.scene import Scene

_SNAP_PX = 4
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)


class Surface(Protocol):
    """What the pointer needs of the canvas."""

    @property
    def scene(self) -> Scene:
        """What is shown."""
        ...

    @property
    def axis(self) -> TimeAxis:
        """The stretch of time that is shown."""
        ...

    @property
    def layout_rows(self) -> Rows:
        """The rows at the present size."""
        ...

    def items_at(self, position: QPointF) -> list[Item]:
        """Return what can be moved and changed at a position, the nearest first."""
        ...

    def set_axis(self, axis: TimeAxis) -> None:
        """Look at another stretch of time."""
        ...

    def update(self) -> None:
        """Paint what moves again."""
        ...

    def setCursor(self, shape: Qt.CursorShape, /) -> None:
        """Give the pointer another shape."""
        ...


class Pointer:
    """Answers the mouse over a canvas; its state is the drag under way, if there is one.

    Items (events, starts of phases, flags) go before the lines of the playhead and the markers.
    Ctrl or Shift and a click choose an event or leave it out, Ctrl and a drag all in a band.
    """

    def __init__(self, canvas: Surface, bridge: Bridge) -> None:
        self._canvas = canvas
        self._bridge = bridge
        self._document = bridge.document
        self._drag: Drag | None = None
        self._moving: ItemDrag | None = None
        self._band: RubberBand | None = None
        self.pressed_at_ns = self._document.playhead_ns
        """Where the playhead was when a button was pressed last."""

    @property
    def is_dragging(self) -> bool:
        """Whether the playhead, a marker or the axis is held."""
        return self._drag is not None

    @property
    def moving(self) -> ItemDrag | None:
        """The item that is held."""
        return self._moving

    @property
    def band(self) -> RubberBand | None:
        """The band that is being drawn."""
        return self._band

    def give_up(self) -> None:
        """Leave the item that is held where it was, and choose nothing by a band."""
        self._moving = self._band = None
        self._canvas.update()

    def press(self, event: QMouseEvent) -> None:
        """Take hold of an item, the playhead, a marker or the axis."""
        if not self._answers(event):
            return
        event.accept()
        self.pressed_at_ns = self._document.playhead_ns
        if _is_choosing(event) and event.button() is Qt.MouseButton.LeftButton:
            self._band = RubberBand(event.position(), event.position())
            return
        item = self._item_under(event)
        if item is not None and event.button() is Qt.MouseButton.LeftButton:
            place = event.position()
            self._moving = ItemDrag.begun(self._document, item, place.x(), place.y())
            return
        self._drag = self._grab(event)
        if self._drag.kind is DragKind.PLAYHEAD:
            self._document.set_playhead(self._time_at(event))

    def _answers(self, event: QMouseEvent) -> bool:
        """Whether a button means something: while an item is held, only the one that holds it."""
        buttons = _BUTTONS if self._moving is None else _BUTTONS[:1]
        return event.button() in buttons

    def _grab(self, event: QMouseEvent) -> Drag:
        return grab(event, self._canvas.axis, self._document, self._canvas.layout_rows)

    def _item_under(self, event: QMouseEvent) -> Item | None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return None
        return next(iter(self._canvas.items_at(event.position())), None)

    def move(self, event: QMouseEvent) -> None:
        """Drag, or show what could be dragged."""
        if self._band is not None:
            self._band = self._band.moved(event.position())
            self._canvas.update()
        elif self._moving is not None:
            snaps = not event.modifiers() & Qt.KeyboardModifier.AltModifier
            x = event.position().x()
            self._moving = self._moving.moved(self._canvas.axis, x, snaps=snaps)
            self._canvas.update()
        elif self._drag is not None:
            self._drag = self._drag.moved(event.position().x())
            self._drag_on(self._drag, event)
        else:
            is_item = self._item_under(event) is not None
            cursor = Qt.CursorShape.SizeHorCursor if is_item else self._grab(event).cursor
            self._canvas.setCursor(cursor)

    def _drag_on(self, drag: Drag, event: QMouseEvent) -> None:
        match drag.kind:
            case DragKind.PLAYHEAD:
                self._document.set_playhead(self._time_at(event))
            case DragKind.MARKER_A | DragKind.MARKER_B:
                self._document.set_marker(drag.kind.value, self._time_at(event))
            case DragKind.SPAN if drag.has_moved:
                with self._document.batch():
                    self._document.set_marker("A", self._snapped(drag.axis, drag.pressed_x))
                    self._document.set_marker("B", self._time_at(event))
            case DragKind.PAN if drag.has_moved:
                self._canvas.set_axis(drag.axis.panned(drag.pressed_x - event.position().x()))
            case _:
                pass

    def release(self, event: QMouseEvent) -> None:
        """Let go; what was a click sets the playhead."""
        if not self._answers(event):
            return
        event.accept()
        moving, drag, band = self._moving, self._drag, self._band
        self._moving = self._drag = self._band = None
        if moving is not None:
            self._let_go(moving, event)
        elif band is not None:
            self._choose_in(band, event)
        elif drag is not None and not drag.has_moved:
            self._clicked(drag, event)

    def _clicked(self, drag: Drag, event: QMouseEvent) -> None:
        """Answer a press that took hold of no item and did not move."""
        if drag.kind is DragKind.SPAN:
            self._switch_choice(event)
        elif drag.kind is DragKind.PAN and event.button() is Qt.MouseButton.LeftButton:
            if event.position().y() >= self._canvas.layout_rows.lanes_top:
                self._document.choose_events(())
            if not self._picks_zap(event):
                self._document.set_playhead(self._time_at(event))

    def _switch_choice(self, event: QMouseEvent) -> None:
        """Choose the event under the pointer besides those chosen, or leave it out."""
        items = self._canvas.items_at(event.position())
        found = {item.index for item in items[:1] if item.kind is ItemKind.EVENT}
        self._choose(self._document.chosen_events ^ found)

    def _choose_in(self, band: RubberBand, event: QMouseEvent) -> None:
        """Choose the events of a band; one of a few pixels is a click on a single one."""
        self._canvas.update()
        if not band.is_drawn:
            self._switch_choice(event)
            return
        canvas = self._canvas
        self._choose(band.events(canvas.scene, canvas.axis, canvas.layout_rows))

    def _choose(self, indices: Collection[int]) -> None:
        self._document.choose_events(indices)
        self._bridge.message.emit(f"{plural(len(indices), 'event')} chosen")

    def _let_go(self, moving: ItemDrag, event: QMouseEvent) -> None:
        """Move an item that was dragged; one that was clicked gets the playhead."""
        self._canvas.update()
        if not moving.has_moved:
            exact = event.modifiers() & Qt.KeyboardModifier.AltModifier
            here_ns = self._canvas.axis.time_ns(event.position().x())
            self._document.set_playhead(here_ns if exact else moving.item.time_ns)
            if not moving.events:
                self._document.choose_events(())
        elif self._document.scenario is not moving.scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was moved")
        elif moving.by_ns:
            self._bridge.edit(moving.edit)

    def _picks_zap(self, event: QMouseEvent) -> bool:
        """Go to the zap of the stem that was clicked, of either policy, and tell what it was.

        Alt takes the time as it is, and a click above all stems means none of them.
        """
        place, layout = event.position(), self._canvas.layout_rows
        tops = [track.stems_top > place.y() >= track.top for track in layout.tracks]
        if any(tops) or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        run = run_at(self._canvas.scene, layout, place.y())
        row = zap_at(run, self._canvas.axis, place.x())
        if run is None or row is None:
            return False
        self._document.set_playhead(int(run.zaps.time_ns[row]))
        self._bridge.message.emit(f"{run.policy.id}: {zap_words(run, row)}")
        return True

    def _time_at(self, event: QMouseEvent) -> int:
        """Return the time under the pointer, or of an event close to it unless Alt is held."""
        axis, x = self._canvas.axis, event.position().x()
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return axis.time_ns(x)
        return self._snapped(axis, x)

    def _snapped(self, axis: TimeAxis, x: float) -> int:
        scene = self._canvas.scene
        near = scene.events.near(axis, x, None, _SNAP_PX)
        return scene.scenario.events[near[0]].time_ns if near else axis.time_ns(x)


def _is_choosing(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
