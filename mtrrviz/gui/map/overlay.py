"""What lies over the map's image: captions, breaks of scale, regions, letters, the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QLine, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QRegion,
    QStaticText,
)

from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType
from mtrrviz.geometry.map.map_bands import BandKind
from mtrrviz.gui.map.map_palette import ink_on, tint_colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.geometry.map.map_image import Frame
    from mtrrviz.geometry.map.map_layout import MapLayout, Placed, Rect
    from mtrrviz.gui.common.looks.theme import Theme

_LETTER_W, _LETTER_H = 18, 13
#: More letters than this would cost more time than they tell.
_MOST_LETTERS = 1600
#: Words of a caption that would get fewer pixels than this are left out.
_NARROWEST_WORDS = 160
#: Types as one bit each, whether of a leaf, and whether stale.
Word = tuple[int, bool, bool]


def paint_overlay(
    painter: QPainter, theme: Theme, layout: MapLayout, frame: Frame, gfn: int | None
) -> None:
    """Paint everything but the image; the painter's origin is the map's corner."""
    for item in layout.placed:
        if has_room_for_letters(item):
            _paint_letters(painter, theme, item, frame)
    paint_frame(painter, theme, layout, gfn)


def has_room_for_letters(item: Placed) -> bool:
    """Return whether the dots of a band are large enough, and few enough, to be written into."""
    grid = item.grid
    return grid.dot_w >= _LETTER_W and grid.dot_h >= _LETTER_H and grid.dots <= _MOST_LETTERS


def paint_frame(painter: QPainter, theme: Theme, layout: MapLayout, gfn: int | None) -> None:
    """Paint what every map has, whatever its dots show: captions, breaks, strips, selection."""
    font = painter.font().toString()
    kept = _LETTERINGS.get(layout)
    if kept is None or kept[:2] != (theme, font):
        kept = _LETTERINGS[layout] = (theme, font, _lettering(painter, theme, layout))
    kept[2].paint(painter, theme)
    if gfn is not None:
        _paint_selection(painter, theme, layout.rect_of(gfn))


class Lettering(Record):
    """Captions, breaks and strips of a layout, laid out once: shaping words anew costs most."""

    words: list[tuple[QStaticText, QPoint, QColor]]
    breaks: list[QLine]
    strips: list[QRect]

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Paint all of it; the painter's origin is the map's corner."""
        for text, place, colour in self.words:
            painter.setPen(colour)
            painter.drawStaticText(place, text)
        painter.setPen(QPen(QColor(theme.dim), 1))
        painter.drawLines(self.breaks)
        painter.drawRects(self.strips)


#: The lettering of each layout in use, with the theme and font it was made for.
_LETTERINGS: WeakKeyDictionary[MapLayout, tuple[Theme, str, Lettering]] = WeakKeyDictionary()


def _lettering(painter: QPainter, theme: Theme, layout: MapLayout) -> Lettering:
    strips = [
        QRect(rect.x, rect.y, max(1, rect.width - 1), rect.height - 1)
        for _, rect in layout.strip_rects()
    ]
    words = [part for item in layout.placed for part in _caption(painter, theme, item)]
    breaks = [line for item in layout.placed if item.is_broken for line in _break(item)]
    return Lettering(words, breaks, strips)


def caption_parts(item: Placed) -> tuple[str, str]:
    """Return the strong and the dim part of a band's caption."""
    band = item.band
    if band.kind in (BandKind.SLOT, BandKind.HOLE):
        return band.name, band.size_text
    if band.kind is BandKind.LOW:
        return "First MiB", f"{item.scale_text}"
    return band.name, f"{item.range_text}  ·  {band.size_text}  ·  {item.scale_text}"


def _caption(
    painter: QPainter, theme: Theme, item: Placed
) -> Iterator[tuple[QStaticText, QPoint, QColor]]:
    """Yield name and scale above a band; where there is little room the scale goes first."""
    box = item.caption
    strong, weak = caption_parts(item)
    metrics = painter.fontMetrics()
    top = box.y + (box.height - metrics.height()) // 2
    shown = metrics.elidedText(strong, Qt.TextElideMode.ElideRight, box.width)
    yield _text(painter, shown), QPoint(box.x, top), QColor(theme.text)
    used = metrics.horizontalAdvance(shown) + 8
    if box.width - used >= min(metrics.horizontalAdvance(weak), _NARROWEST_WORDS):
        fitting = metrics.elidedText(weak, Qt.TextElideMode.ElideRight, box.width - used)
        yield _text(painter, fitting), QPoint(box.x + used, top), QColor(theme.dim)


def _text(painter: QPainter, words: str) -> QStaticText:
    text = QStaticText(words)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.prepare(font=painter.font())
    return text


def _break(item: Placed) -> list[QLine]:
    """Return the mark of a change of scale within a row: two short strokes between the strips."""
    if item.x == 0:
        return []
    low = item.y + item.grid.height
    return [QLine(x, low, x + 4, item.y) for x in (item.x - 11, item.x - 7)]


def _paint_letters(painter: QPainter, theme: Theme, item: Placed, frame: Frame) -> None:
    """Write the type into each dot: of its leaf, or of its next fault; ! on stale ones.

    Each word is drawn once into a picture of its own: copying that is much cheaper than writing.
    """
    grid = item.grid
    span = slice(item.first_dot, item.end_dot)
    masks = np.where(frame.leaf_types[span] > 0, frame.leaf_types[span], frame.tint_types[span])
    has_leaf, is_stale = frame.leaf_types[span] > 0, frame.is_stale[span]
    font = QFont(painter.font())
    font.setPixelSize(min(14, max(9, min(grid.dot_w // 2 - 1, grid.dot_h - 4))))
    size = QSize(grid.dot_w - 1, grid.dot_h - 1)
    words: dict[Word, QPixmap] = {}
    keys = zip(masks.tolist(), has_leaf.tolist(), is_stale.tolist(), strict=True)
    for dot, key in enumerate(keys):
        if key not in words:
            words[key] = _word(theme, key, font, size)
        x, y = grid.corner(dot)
        painter.drawPixmap(item.x + x, item.y + y, words[key])


def _word(theme: Theme, key: Word, font: QFont, size: QSize) -> QPixmap:
    """Return the picture of a word in the middle of a dot, its back transparent."""
    mask, has_leaf, is_stale = key
    word, ink = _letters(theme, mask, has_leaf)
    picture = QPixmap(size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(ink)
    text = f"{word}!" if is_stale else word
    painter.drawText(picture.rect(), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return picture


_STRANGE_LETTERS = {HostType.UNKNOWN: "?", HostType.UNDEFINED: "undef"}


def _letters(theme: Theme, mask: int, has_leaf: bool) -> tuple[str, QColor]:
    """Return the word for a set of types and its colour; a real machine's may be unknown."""
    types = [HostType(bit) for bit in range(8) if mask >> bit & 1]
    if len(types) > 1:
        return "mix", QColor(theme.text)
    kind = types[0]
    if kind.memory_type is None:
        return _STRANGE_LETTERS[kind], QColor(theme.text)
    if not has_leaf:
        tint = tint_colour(theme, kind)
        ink = ink_on(tint)
        ink.setAlpha(150)
        return kind.name, ink
    return kind.name, ink_on(QColor(theme.type_colour(kind)))


def paint_span(
    painter: QPainter, theme: Theme, rects: Sequence[Rect], *, is_pending: bool = False
) -> None:
    """Outline a range with a broken line on a lighter one, so that it stands out on every colour.

    What ``is_pending``, not written yet, has the colour of warnings. The painter's origin is the
    map's corner; ``rects`` touch each other.
    """
    region = QRegion()
    for rect in rects:
        region += QRect(rect.x - 1, rect.y - 1, rect.width + 1, rect.height + 1)
    path = QPainterPath()
    path.addRegion(region)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width, line in (
        (theme.panel, 4, Qt.PenStyle.SolidLine),
        (theme.warning if is_pending else theme.text, 2, Qt.PenStyle.DashLine),
    ):
        painter.setPen(QPen(QColor(colour), width, line))
        painter.drawPath(path.simplified())


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
