"""What the pointer takes hold of on the timeline."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows
    from mtrrviz.session.document import Document

_REACH_PX = 5
_CLICK_PX = 3


class DragKind(Enum):
    """What is dragged; a marker's value is its name."""

    PLAYHEAD = "playhead"
    MARKER_A = "A"
    MARKER_B = "B"
    SPAN = "span"
    PAN = "pan"


_CURSORS = {
    DragKind.PLAYHEAD: Qt.CursorShape.SplitHCursor,
    DragKind.MARKER_A: Qt.CursorShape.SplitHCursor,
    DragKind.MARKER_B: Qt.CursorShape.SplitHCursor,
    DragKind.SPAN: Qt.CursorShape.CrossCursor,
    DragKind.PAN: Qt.CursorShape.ArrowCursor,
}


class Drag(Record):
    """A drag under way: what, where it was pressed, and the axis at that time."""

    kind: DragKind
    pressed_x: float
    axis: TimeAxis
    has_moved: bool = False

    @property
    def cursor(self) -> Qt.CursorShape:
        """The pointer's shape over what can be taken hold of."""
        return _CURSORS[self.kind]

    def moved(self, x: float) -> Drag:
        """Return the drag with the pointer at ``x``; a few pixels are still a click."""
        return replace(self, has_moved=self.has_moved or abs(x - self.pressed_x) >= _CLICK_PX)


def handle_at(
    x: float, y: float, axis: TimeAxis, document: Document, rows: Rows
) -> DragKind | None:
    """Return the handle at a pixel: a marker's or the playhead's line, or the ruler."""
    if y < rows.ruler_bottom:
        for kind in (DragKind.MARKER_A, DragKind.MARKER_B):
            time_ns = document.marker(kind.value)
            # the flag of A flies to the right, that of B to the left
            flag = 7 if kind is DragKind.MARKER_A else -7
            if time_ns is not None and abs(axis.x(time_ns) + flag - x) <= _REACH_PX + 4:
                return kind
        return DragKind.PLAYHEAD
    if abs(axis.x(document.playhead_ns) - x) <= _REACH_PX:
        return DragKind.PLAYHEAD
    for kind in (DragKind.MARKER_A, DragKind.MARKER_B):
        time_ns = document.marker(kind.value)
        if time_ns is not None and abs(axis.x(time_ns) - x) <= _REACH_PX:
            return kind
    return None


def grab(event: QMouseEvent, axis: TimeAxis, document: Document, rows: Rows) -> Drag:
    """Return the drag that a press here begins, or would begin."""
    position = event.position()
    kind = DragKind.PAN
    if event.button() is not Qt.MouseButton.MiddleButton:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            kind = DragKind.SPAN
        else:
            kind = handle_at(position.x(), position.y(), axis, document, rows) or DragKind.PAN
    return Drag(kind, position.x(), axis)
