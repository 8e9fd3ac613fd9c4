"""The mouse on a map: click, drag, wheel, hover and the context menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from mtrrviz.geometry.map.map_viewport import pan

if TYPE_CHECKING:
    from mtrrviz.gui.map.map_canvas import MapCanvas

_LEFT = Qt.MouseButton.LeftButton


class MapPointer(QObject):
    """Handles the mouse events of a canvas, after all filters that are installed later."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._pressed: QPoint | None = None
        self._is_dragging = False
        self._hovered: int | None = None
        canvas.setMouseTracking(True)
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Do what the mouse asks for."""
        del watched
        if isinstance(event, QMouseEvent):
            self._mouse(event)
        elif isinstance(event, QContextMenuEvent):
            self._ask_for_menu(event)
        elif isinstance(event, QWheelEvent):
            self._zoom(event)
        else:
            if event.type() == QEvent.Type.Leave:
                self._hover(None)
            return False
        event.accept()
        return True

    def _mouse(self, event: QMouseEvent) -> None:
        kind, is_left = event.type(), event.button() == _LEFT
        if kind == QEvent.Type.MouseMove:
            self._move(event.position())
        elif kind == QEvent.Type.MouseButtonDblClick:
            self._canvas.fit()
        elif kind == QEvent.Type.MouseButtonPress and is_left:
            self._pressed = event.position().toPoint()
            self._is_dragging = False
        elif kind == QEvent.Type.MouseButtonRelease and is_left:
            self._release(event.position())

    def _move(self, position: QPointF) -> None:
        """Pan by whole blocks while the button is down, else tell what is under the pointer."""
        view = self._canvas.view
        if self._pressed is None:
            self._hover(self._canvas.dot_under(position))
            return
        if view is None:
            return
        moved = position.toPoint() - self._pressed
        if not self._is_dragging and moved.manhattanLength() < QApplication.startDragDistance():
            return
        self._is_dragging = True
        pages, used = self._pages_of(moved)
        if pages:
            self._pressed += used
            self._canvas.set_view(pan(view, -pages, self._canvas.bands))

    def _pages_of(self, moved: QPoint) -> tuple[int, QPoint]:
        """Return how many pages a movement is, in whole blocks, and the pixels it stands for."""
        grid = self._canvas.layout_shown.placed[0].grid
        across, down = grid.tile_w * grid.dot_w + grid.gap, grid.tile_h * grid.dot_h + grid.gap
        columns, rows = int(moved.x() / across), int(moved.y() / down)
        tile_pages = grid.dot_pages * grid.tile_dots
        pages = (columns + rows * grid.columns) * tile_pages
        return pages, QPoint(columns * across, rows * down)

    def _hover(self, dot: int | None) -> None:
        if dot != self._hovered:
            self._hovered = dot
            words = () if dot is None else self._canvas.words_for(dot)
            self._canvas.hovered.emit("  ·  ".join(words))

    def _release(self, position: QPointF) -> None:
        """Select the page under the pointer, unless this was a drag."""
        if self._pressed is None:
            return
        was_drag, self._pressed, self._is_dragging = self._is_dragging, None, False
        dot = self._canvas.dot_under(position)
        if not was_drag and dot is not None:
            self._canvas.select_dot(dot)
            self._canvas.inspect_requested.emit()

    def _ask_for_menu(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the page under the pointer, or of the selected one."""
        canvas = self._canvas
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            gfn = canvas.selected_gfn
            rect = None if gfn is None else canvas.rect_of(gfn)
            place = None if rect is None else canvas.mapToGlobal(rect.center())
        else:
            dot = canvas.dot_under(event.pos())
            place = None if dot is None else event.globalPos()
            if dot is not None:
                canvas.select_dot(dot)
        if place is not None:
            canvas.menu_requested.emit(place)

    def _zoom(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        dot = self._canvas.dot_under(event.position())
        gfn = None if dot is None else self._canvas.layout_shown.gfn_range(dot)[0]
        if event.angleDelta().y() > 0:
            self._canvas.zoom_in(gfn)
        elif event.angleDelta().y() < 0:
            self._canvas.zoom_out(gfn)
