"""Selecting a range of addresses on a map: Shift and a drag, or Shift and the arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt

from mtrrviz.facts.map_words import span_text
from mtrrviz.gui.map.input.canvas_input import CanvasInput
from mtrrviz.gui.map.map_canvas import ARROWS
from mtrrviz.session.selection import Selection

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from mtrrviz.gui.map.map_canvas import MapCanvas
    from mtrrviz.gui.shell.bridge import Bridge

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_LEFT = Qt.MouseButton.LeftButton


class RangeInput(CanvasInput):
    """Takes a canvas's events with Shift before its own, and outlines the range that they mean.

    The outline is what the document points at, so that a click elsewhere or Escape ends it.
    """

    def __init__(self, bridge: Bridge, canvas: MapCanvas) -> None:
        super().__init__(canvas, mouse=self._on_mouse, key=self._on_key, claims=self._is_step)
        self._bridge = bridge
        self._canvas = canvas
        self._from: int | None = None
        self._anchor: int | None = None
        canvas.installEventFilter(self)

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == _LEFT:
            self._anchor = None
            dot = self._canvas.dot_under(event.position())
            self._from = dot if event.modifiers() & _SHIFT else None
            if self._from is not None:
                self._outline(self._from, self._from)
        elif kind == QEvent.Type.MouseMove and self._from is not None:
            self._extend(event.position())
        elif kind == QEvent.Type.MouseButtonRelease and event.button() == _LEFT:
            was_range, self._from = self._from is not None, None
            return was_range
        return self._from is not None

    def _extend(self, place: QPointF) -> None:
        dot = self._canvas.dot_under(place)
        if dot is not None and self._from is not None:
            self._outline(self._from, dot)

    @staticmethod
    def _is_step(event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return Qt.Key(event.key()) in ARROWS and plain == _SHIFT

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Shift:
            return False
        if not self._is_step(event):
            self._anchor = None
            is_escape = event.key() == Qt.Key.Key_Escape
            return is_escape and self._give_up()
        layout, document = self._canvas.layout_shown, self._bridge.document
        here = None if document.gfn is None else layout.dot_of(document.gfn)
        if self._anchor is None:
            self._anchor = here
        self._canvas.step(*ARROWS[Qt.Key(event.key())])
        after = layout.dot_of(document.gfn) if document.gfn is not None else None
        if after is not None:
            self._anchor = after if self._anchor is None else self._anchor
            self._outline(self._anchor, after)
        return True

    def _give_up(self) -> bool:
        had_any = self._bridge.document.selection is not None
        self._bridge.document.point_at(None)
        return had_any

    def _outline(self, dot: int, other: int) -> None:
        """Point at all addresses from one dot to another, and say which these are."""
        layout = self._canvas.layout_shown
        gfns = layout.gfn_range(min(dot, other))[0], layout.gfn_range(max(dot, other))[1]
        self._bridge.document.point_at(Selection(gfns=gfns))
        words = f"Range {span_text(*gfns)}. Shift+X touches it, Esc ends it"
        self._canvas.hovered.emit(words)
        self._canvas.setAccessibleDescription(words)
