"""Mouse and keys of a canvas that is painted on, taken before its own while painting is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt

from mtrrviz.gui.map.input.canvas_input import CanvasInput
from mtrrviz.gui.map.map_canvas import ARROWS
from mtrrviz.gui.map.paint_mode import BRUSHES

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from mtrrviz.gui.map.map_canvas import MapCanvas
    from mtrrviz.gui.map.paint_mode import PaintMode

_KEYS = {getattr(Qt.Key, f"Key_{key}"): brush for brush, key in BRUSHES}
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
#: The pointer's way between two events is looked at in steps of so many pixels.
_STEP_PX = 2


class PaintInput(CanvasInput):
    """Turns a canvas's mouse and keys into strokes.

    A drag paints all addresses from where it began, a range as registers have them; with Shift
    only the dots under the pointer, which lie apart where the map folds. Arrows with Shift select
    a range from the selected dot on, Return paints it, Escape gives up.
    """

    def __init__(self, canvas: MapCanvas, mode: PaintMode) -> None:
        super().__init__(canvas, mouse=self._on_mouse, key=self._on_key, claims=self._wants)
        self._canvas = canvas
        self._mode = mode
        self._is_on = False
        self._stroke: set[int] | None = None
        self._from: int | None = None
        self._last = QPoint()
        self._anchor: int | None = None

    def set_on(self, is_on: bool) -> None:
        """Take the canvas's events, or leave them alone."""
        if is_on == self._is_on:
            return
        self._is_on = is_on
        self._stroke = self._anchor = None
        if is_on:
            self._canvas.installEventFilter(self)
        else:
            self._canvas.removeEventFilter(self)

    # Mouse

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        is_left = event.button() == Qt.MouseButton.LeftButton
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick) and is_left:
            self._begin(event)
        elif kind == QEvent.Type.MouseMove and self._stroke is not None:
            self._extend(event)
        elif kind == QEvent.Type.MouseButtonRelease and is_left and self._stroke is not None:
            self._stroke = None
            self._mode.finish()
        else:
            return False
        return True

    def _begin(self, event: QMouseEvent) -> None:
        self._anchor = None
        self._stroke = set()
        self._last = event.position().toPoint()
        self._from = self._canvas.dot_under(event.position())
        self._mode.cover(())
        self._extend(event)

    def _extend(self, event: QMouseEvent) -> None:
        """Let the stroke reach to here; with Shift add the dots under the pointer's way."""
        here = event.position().toPoint()
        dot = self._canvas.dot_under(here)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._stroke = (self._stroke or set()) | self._dots_between(self._last, here)
        elif dot is not None:
            start = self._from = dot if self._from is None else self._from
            self._stroke = set(range(min(start, dot), max(start, dot) + 1))
        self._last = here
        self._cover(self._stroke or set())

    def _dots_between(self, start: QPoint, end: QPoint) -> set[int]:
        way = end - start
        steps = max(abs(way.x()), abs(way.y())) // _STEP_PX + 1
        places = (start + way * step / steps for step in range(steps + 1))
        return {dot for place in places if (dot := self._canvas.dot_under(place)) is not None}

    def _cover(self, dots: set[int]) -> None:
        from mtrrviz.session.wanted.wanted_edits import gfn_span  # noqa: PLC0415 - when asked for

        layout = self._canvas.layout_shown
        self._mode.cover(gfn_span(*layout.gfn_range(dot)) for dot in dots)
        self._canvas.hovered.emit(self._mode.words)

    # Keys

    @staticmethod
    def _wants(event: QKeyEvent) -> bool:
        """Whether a key means something here that is a shortcut elsewhere."""
        key, plain = Qt.Key(event.key()), Qt.KeyboardModifier.NoModifier
        if key in ARROWS:
            return event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        return event.modifiers() == plain and (key in _KEYS or key == Qt.Key.Key_Escape)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _ENTER:
            self._paint_selected()
        elif not self._wants(event):
            if key in ARROWS:
                self._give_up()
            return False
        elif key in ARROWS:
            self._select(*ARROWS[key])
        elif key in _KEYS:
            self._mode.choose(_KEYS[key])
        elif not self._give_up():
            self._mode.set_on(False)
        return True

    def _give_up(self) -> bool:
        """Drop what is selected or dragged over; return whether there was anything."""
        had_any = bool(self._mode.spans)
        self._stroke = self._anchor = None
        self._mode.cover(())
        return had_any

    def _select(self, across: int, down: int) -> None:
        """Let the selection reach from where it began to the neighbouring dot."""
        if self._anchor is None or not self._mode.spans:
            self._anchor = self._selected_dot()
        self._canvas.step(across, down)
        here = self._selected_dot()
        if here is not None:
            start = here if self._anchor is None else self._anchor
            self._cover(set(range(min(start, here), max(start, here) + 1)))
            self._canvas.setAccessibleDescription(f"Return paints {self._mode.words}")

    def _paint_selected(self) -> None:
        """Paint the selection, or the selected dot."""
        dot = self._selected_dot()
        if not self._mode.spans and dot is not None:
            self._cover({dot})
        self._anchor = None
        self._mode.finish()

    def _selected_dot(self) -> int | None:
        gfn = self._canvas.selected_gfn
        return None if gfn is None else self._canvas.layout_shown.dot_of(gfn)
