"""The strip below a map that is zoomed in: the whole space, and which part of it is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mtrrviz.facts.map_words import region_text, span_text
from mtrrviz.geometry.map.map_bands import BandKind
from mtrrviz.geometry.map.map_overview import Overview
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.map.legend import paint_hatch

if TYPE_CHECKING:
    from mtrrviz.geometry.map.map_bands import Band
    from mtrrviz.geometry.map.map_viewport import View
    from mtrrviz.gui.shell.bridge import Bridge

_HEIGHT_PX = 16
#: The part in view is drawn at least so wide, so that it can be seen and dragged.
_LEAST_PX = 5


class OverviewStrip(QWidget):
    """Shows where in the space the map is; ``moved`` carries the page to have in the middle.

    It takes no keyboard: the map's own keys move the view (Page up and down, arrows).
    """

    moved = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._bridge = bridge
        self._bands: tuple[Band, ...] = ()
        self._view: View = None
        self._is_pressed = False
        self.setObjectName("map_overview")
        self.setFixedHeight(_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.hide()
        bridge.theme_changed.connect(self.update)

    def show_view(self, bands: tuple[Band, ...], view: View) -> None:
        """Show which part of these bands is in view; hide if it is all of them."""
        self._bands, self._view = bands, view
        self.setVisible(view is not None)
        if view is not None:
            shown = span_text(view.first_gfn, view.end_gfn)
            self.setAccessibleName("Part of the address space in view")
            self.setAccessibleDescription(f"{shown}; Page up and Page down in the map move it")
            self.update()

    @property
    def overview(self) -> Overview:
        """The bands on the strip's width."""
        return Overview.of(self._bands, self.width())

    def sizeHint(self) -> QSize:
        """Return the height of the strip."""
        return QSize(320, _HEIGHT_PX)

    def window_rect(self) -> QRectF:
        """Return where the part in view lies on the strip; empty if all is in view."""
        if self._view is None:
            return QRectF()
        line = self.overview
        low, high = line.x_of(self._view.first_gfn), line.x_of(self._view.end_gfn)
        width = max(high - low, _LEAST_PX)
        left = min(max(0.0, (low + high - width) / 2), self.width() - width)
        return QRectF(left, 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bands, hatched where nothing is, and the frame of the part in view."""
        painter = QPainter(self)
        theme, line = self._bridge.theme, self.overview
        painter.fillRect(self.rect(), QColor(theme.panel))
        for band, low, high in zip(line.bands, line.edges, line.edges[1:], strict=False):
            rect = QRectF(low, 3, max(1.0, high - low - 1), self.height() - 6).toRect()
            if band.kind is BandKind.HOLE:
                paint_hatch(painter, rect, QColor(theme.faint))
            else:
                painter.fillRect(rect, QColor(theme.dim))
        painter.setPen(QPen(QColor(theme.panel), 4))
        frame = self.window_rect().adjusted(1, 1, -1, -1)
        painter.drawRect(frame)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawRect(frame)
        painter.end()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the view to what is pressed on."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._is_pressed = True
            self._move(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the view follow the pointer while the button is down."""
        if self._is_pressed:
            self._move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        del event
        self._is_pressed = False

    def _move(self, event: QMouseEvent) -> None:
        if self._bands:
            self.moved.emit(self.overview.gfn_at(event.position().x()))

    def tip_at(self, position: QPoint) -> str:
        """Say what lies under the pointer, and what pressing does."""
        if not self._bands:
            return ""
        gfn = self.overview.gfn_at(position.x())
        line = self.overview
        band = next(b for b in line.bands if gfn < b.end_gfn)
        machine = self._bridge.document.scenario.machine
        words = region_text(machine, band.first_gfn, band.end_gfn)
        return f"{span_text(band.first_gfn, band.end_gfn)}\n{words}\nClick or drag to look there"
