"""The wanted map over the map: the EPT turns pale, what is wanted lies on it in stripes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.geometry.map.wanted_image import (
    VALUES,
    WANTED,
    wanted_image,
    wanted_runs,
    wanted_types,
)
from mtrrviz.gui.map.map_palette import ink_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.geometry.map.map_pixels import PixelMap
    from mtrrviz.geometry.map.wanted_image import TypedSpan
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.session.wanted.wanted_edits import Wanted

_PALE = 175  # how far the EPT steps back, of 255
_CHIP_W, _CHIP_H = 22, 13


class WantedOverlay:
    """Paints one wanted map; the image is made anew only when something it shows has changed."""

    def __init__(self) -> None:
        self._kept: tuple[MapLayout, Wanted, Theme] | None = None
        self._image = QImage()
        self._chips: list[tuple[QRect, int]] = []

    def paint(
        self,
        painter: QPainter,
        layout: MapLayout,
        pixels: PixelMap,
        wanted: Wanted,
        theme: Theme,
        maxphyaddr: int,
    ) -> None:
        """Paint over the map's image; the painter's origin is the map's corner."""
        key = (layout, wanted, theme)
        if self._kept != key:
            self._kept = key
            types = wanted_types(layout, _spans(wanted, maxphyaddr))
            self._image = _striped(wanted_image(types, pixels), theme)
            self._chips = list(_chips(layout, types))
        painter.drawImage(0, 0, self._image)
        _paint_chips(painter, self._chips, theme)


def _spans(wanted: Wanted, maxphyaddr: int) -> list[TypedSpan]:
    """Return gfns and types of a whole map: ranges that end beyond the space are cut."""
    end = 1 << (maxphyaddr - PAGE_SHIFT)
    named: list[TypedSpan] = [
        (one.start >> PAGE_SHIFT, one.end >> PAGE_SHIFT, one.type) for one in wanted.ranges
    ]
    if wanted.rest is None:
        return named
    edges = [0, *(edge for start, stop, _ in named for edge in (start, stop)), end]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return [*named, *((low, high, wanted.rest) for low, high in gaps if low < high)]


def _striped(values: NDArray[np.uint8], theme: Theme) -> QImage:
    """Return the picture of the stripes; what lies below is pale between them."""
    height, width = values.shape
    image = QImage(values.data, width, height, width, QImage.Format.Format_Indexed8)
    pale = QColor(theme.panel)
    pale.setAlpha(_PALE)
    table = [pale.rgba()] * VALUES
    for kind in MEMORY_TYPES:
        table[WANTED + kind] = QColor(theme.type_colour(kind)).rgba()
    image.setColorTable(table)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _chips(layout: MapLayout, types: NDArray[np.uint8]) -> Iterator[tuple[QRect, int]]:
    """Yield where a type is written: where each stretch of it begins, if it has the room."""
    for item in layout.placed:
        least = -(-_CHIP_W // item.grid.dot_w)
        for first, end, kind in wanted_runs(item, types):
            place = _place(layout, first, end) if end - first >= least else None
            if place is not None:
                yield place, kind


def _paint_chips(painter: QPainter, chips: list[tuple[QRect, int]], theme: Theme) -> None:
    painter.save()
    font = QFont(painter.font())
    font.setPixelSize(10)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    for place, kind in chips:
        colour = QColor(theme.type_colour(kind))
        painter.fillRect(place, colour)
        painter.setPen(ink_on(colour))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, MemoryType(kind).name)
    painter.restore()


def _place(layout: MapLayout, first: int, end: int) -> QRect | None:
    """Return where the letters of dots [first, end) go: on them, or nowhere."""
    rect = layout.dot_rect(first)
    place = QRect(QPoint(rect.x, rect.y), QPoint(rect.x + _CHIP_W - 1, rect.y + _CHIP_H - 1))
    for corner in (place.topRight(), place.bottomLeft(), place.bottomRight()):
        dot = layout.dot_at(corner.x(), corner.y())
        if dot is None or not first <= dot < end:
            return None
    return place
