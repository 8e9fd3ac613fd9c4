"""What lies over the map's image: captions, breaks of scale, regions, letters, the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from mtrrviz.core.memtype import MemoryType
from mtrrviz.geometry.map_bands import BandKind
from mtrrviz.gui.map.palette import ink_on, tint_colour

if TYPE_CHECKING:
    from mtrrviz.geometry.map_image import Frame
    from mtrrviz.geometry.map_layout import MapLayout, Placed, Rect
    from mtrrviz.gui.theme import Theme

_LETTER_W, _LETTER_H = 18, 13
#: More letters than this would cost more time than they tell.
_MOST_LETTERS = 1600
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def paint_overlay(
    painter: QPainter, theme: Theme, layout: MapLayout, frame: Frame, gfn: int | None
) -> None:
    """Paint everything but the image; the painter's origin is the map's corner."""
    for item in layout.placed:
        _paint_caption(painter, theme, item)
        if item.is_broken:
            _paint_break(painter, theme, item)
        if item.grid.dot_w >= _LETTER_W and item.grid.dot_h >= _LETTER_H:
            _paint_letters(painter, theme, item, frame)
    painter.setPen(QColor(theme.dim))
    for _, rect in layout.strip_rects():
        painter.drawRect(rect.x, rect.y, max(1, rect.width - 1), rect.height - 1)
    if gfn is not None:
        _paint_selection(painter, theme, layout.rect_of(gfn))


def caption_parts(item: Placed) -> tuple[str, str]:
    """Return the strong and the dim part of a band's caption."""
    band = item.band
    if band.kind in (BandKind.SLOT, BandKind.HOLE):
        return band.name, band.size_text
    if band.kind is BandKind.LOW:
        return "First MiB", f"{item.scale_text}"
    return band.name, f"{item.range_text}  ·  {band.size_text}  ·  {item.scale_text}"


def _paint_caption(painter: QPainter, theme: Theme, item: Placed) -> None:
    """Write name and scale above a band, cut with an ellipsis where there is no room."""
    rect = QRect(item.caption.x, item.caption.y, item.caption.width, item.caption.height)
    strong, weak = caption_parts(item)
    metrics = painter.fontMetrics()
    is_narrow = rect.width() < 300
    room = rect.width() - (metrics.horizontalAdvance(weak) + 8 if is_narrow else 0)
    shown = metrics.elidedText(strong, Qt.TextElideMode.ElideRight, max(room, rect.width() // 2))
    painter.setPen(QColor(theme.text))
    painter.drawText(rect, _LEFT, shown)
    rect.setLeft(rect.left() + metrics.horizontalAdvance(shown) + 8)
    painter.setPen(QColor(theme.dim))
    painter.drawText(
        rect, _LEFT, metrics.elidedText(weak, Qt.TextElideMode.ElideRight, rect.width())
    )


def _paint_break(painter: QPainter, theme: Theme, item: Placed) -> None:
    """Mark a change of scale within a row: two short strokes between the strips."""
    if item.x == 0:
        return
    painter.setPen(QPen(QColor(theme.dim), 1))
    for x in (item.x - 11, item.x - 7):
        painter.drawLine(x, item.y + item.grid.height, x + 4, item.y)


def _paint_letters(painter: QPainter, theme: Theme, item: Placed, frame: Frame) -> None:
    """Write the type into each dot: of its leaf, or of its next fault; ! on stale ones."""
    grid = item.grid
    if grid.dots > _MOST_LETTERS:
        return
    span = slice(item.first_dot, item.end_dot)
    leaves, tints, stale = frame.leaf_types[span], frame.tint_types[span], frame.is_stale[span]
    font = QFont(painter.font())
    font.setPixelSize(min(14, max(9, min(grid.dot_w // 2 - 1, grid.dot_h - 4))))
    painter.save()
    painter.setFont(font)
    inks: dict[tuple[int, bool], tuple[str, QColor]] = {}
    for dot in range(grid.dots):
        has_leaf = bool(leaves[dot])
        key = (int(leaves[dot] if has_leaf else tints[dot]), has_leaf)
        if key not in inks:
            inks[key] = _letters(theme, *key)
        word, ink = inks[key]
        x, y = grid.corner(dot)
        painter.setPen(ink)
        rect = QRect(item.x + x, item.y + y, grid.dot_w - 1, grid.dot_h - 1)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{word}!" if stale[dot] else word)
    painter.restore()


def _letters(theme: Theme, mask: int, has_leaf: bool) -> tuple[str, QColor]:
    """Return the word for a set of types and its colour."""
    types = [bit for bit in range(8) if mask >> bit & 1]
    if len(types) > 1:
        return "mix", QColor(theme.text)
    if not has_leaf:
        tint = tint_colour(theme, types[0])
        ink = ink_on(tint)
        ink.setAlpha(150)
        return MemoryType(types[0]).name, ink
    return MemoryType(types[0]).name, ink_on(QColor(theme.type_colour(types[0])))


def _paint_selection(painter: QPainter, theme: Theme, rect: Rect | None) -> None:
    """Frame the selected dot twice, so that it stands out on every colour."""
    if rect is None:
        return
    frame = QRect(rect.x - 3, rect.y - 3, rect.width + 5, rect.height + 5)
    painter.setPen(QPen(QColor(theme.panel), 1))
    painter.drawRect(frame.adjusted(2, 2, -2, -2))
    painter.drawRect(frame.adjusted(-1, -1, 1, 1))
    painter.setPen(QPen(QColor(theme.accent), 2))
    painter.drawRect(frame.adjusted(1, 1, 0, 0))
