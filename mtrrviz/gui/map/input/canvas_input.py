"""Taking a map's mouse and keys before the map does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QMouseEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.map.map_canvas import MapCanvas


class CanvasInput(QObject):
    """Filters events of ``canvas``: ``mouse`` and ``key`` return whether they have taken one.

    ``claims`` says which keys mean something here that are shortcuts elsewhere.
    """

    def __init__(
        self,
        canvas: MapCanvas,
        *,
        mouse: Callable[[QMouseEvent], bool],
        key: Callable[[QKeyEvent], bool],
        claims: Callable[[QKeyEvent], bool],
    ) -> None:
        super().__init__(canvas)
        self._mouse, self._key, self._claims = mouse, key, claims

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is meant for this; all else is the canvas's."""
        del watched
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and self._claims(event):
            event.accept()
            return True
        return event.type() == QEvent.Type.KeyPress and self._key(event)
