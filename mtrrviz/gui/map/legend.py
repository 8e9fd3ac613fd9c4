"""The legend of the map: what each colour and mark means, with the counts of the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType
from mtrrviz.core.sdm.sdm_types import UNDEFINED_BIT
from mtrrviz.core.units import format_size
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.map_words import TypeCount, type_counts
from mtrrviz.geometry.map.map_image import HATCH, SOLID, UNDEFINED_TYPE, UNKNOWN_TYPE
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.common.looks.type_marks import swatch
from mtrrviz.gui.common.naming import Naming
from mtrrviz.gui.help.tips import tip_with
from mtrrviz.gui.help.topics import mark_page
from mtrrviz.gui.map.map_palette import colour_table, flash_colour, tint_colour
from mtrrviz.gui.trace_check.mismatch_marks import paint_cross_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.geometry.map.map_image import Frame
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.tables import LeafTable

_SPACE = 14
_MOST_WIDTHS = 2000
#: The rectangle of each entry, and the height of all.
Places = tuple[list[QRect], int]
_STALE, _MIXED, _PART, _TINT, _NO_SLOT = "stale", "mixed", "part", "tint", "no slot"
#: Marks whose colours may be close to the panel's.
_OUTLINED = frozenset({_MIXED, _PART, _TINT, _NO_SLOT})
_REAL, _FLASH, _PENDING = "real", "flash", "pending"
_SDM_DIFFERENCE, _UNDEFINED = "sdm_difference", "undefined"


class LegendEntry(Record):
    """One item of the legend: its mark, its words and what hovering over it says.

    ``mark`` is a memory type, or the name of another mark. ``widest`` is the longest the words
    can get, so that counting up never moves the neighbours. One that is not ``is_now`` only keeps
    its place: what it explains is not on the map at the moment.
    """

    mark: MemoryType | str
    words: str
    widest: str
    tip: str
    is_now: bool = True


def legend_entries(
    frame: Frame | None, vcpu: int, mismatches: int = 0, pending: int | None = None
) -> tuple[LegendEntry, ...]:
    """Return the entries for a picture of the map.

    ``mismatches`` are real entries that differ, ``pending`` the leaves that the write being typed
    would zap, None without one.
    """
    if frame is not None and frame.is_host:
        return tuple(_host_entries(frame, vcpu))
    tally = {} if frame is None else frame.tally
    stale = 0 if frame is None else frame.stale_leaves
    mixed = 0 if frame is None else int(np.count_nonzero(frame.is_mixed))
    return (
        *(_type_entry(count) for count in type_counts(tally)),
        _stale_entry(stale),
        LegendEntry(_MIXED, f"mixed {mixed:,}", "mixed 000",
              "dots that hold leaves of more than one type, in a checker of two of them"),
        LegendEntry(_PART, "part", "part", "leaves cover some pages of the dot and not others"),
        LegendEntry(_TINT, f"tint: next fault of vCPU {vcpu}", f"tint: next fault of vCPU {vcpu}",
              "no leaf: the colour is that of the type the next fault would get"),
        LegendEntry(_NO_SLOT, "no memory slot", "no memory slot",
              "never a leaf here; the hatch has the colour of the type that MTRRs give"),
        LegendEntry(_FLASH, "just zapped", "just zapped",
              "a zap dropped the leaves of these dots a moment ago",
              is_now=frame is not None and frame.has_flash),
        *([] if pending is None else [_pending_entry(pending)]),
        *([_real_entry(mismatches)] if mismatches else []),
        *_sdm_difference_entries(frame),
    )  # fmt: skip


_HOST_MARKS = {HostType.UNKNOWN: "unknown type", HostType.UNDEFINED: "undefined type"}


def _host_entries(frame: Frame, cpu: int) -> Iterator[LegendEntry]:
    """Yield the types on the map of a real machine, what is not known, and mixed dots."""
    types = int(np.bitwise_or.reduce(frame.tint_types))
    for kind in (*MEMORY_TYPES, HostType.UNKNOWN, HostType.UNDEFINED):
        if types >> kind & 1:
            found = HostType(kind)
            mark = found.memory_type
            tip = f"type by the MTRRs of CPU {cpu}: {found.meaning}"
            name = found.label
            yield LegendEntry(_HOST_MARKS[found] if mark is None else mark, name, name, tip)
    if frame.is_mixed.any():
        yield LegendEntry(_MIXED, "mixed", "mixed",
                    "dots that hold pages of more than one type, in a checker of two of them"
                    )  # fmt: skip


def _pending_entry(leaves: int) -> LegendEntry:
    tip = "leaves that the write being typed would zap; a broken line is around its range"
    return LegendEntry(_PENDING, f"would be zapped {leaves:,}", "would be zapped 00,000", tip)


def _real_entry(count: int) -> LegendEntry:
    tip = "entries that the trace shows at this time, of another type or IPAT than the model's"
    return LegendEntry(_REAL, f"real entry differs {count:,}", "real entry differs 00,000", tip)


def _sdm_difference_entries(frame: Frame | None) -> Iterator[LegendEntry]:
    """Yield what the patterns of KVM and the SDM mean, those that are on the map."""
    if frame is None or frame.sdm_difference is None:
        return
    if (frame.sdm_difference & ~UNDEFINED_BIT).any():
        yield LegendEntry(_SDM_DIFFERENCE, "SDM says otherwise", "SDM says otherwise",
                    "the MTRRs here mean another type by the SDM than KVM's walk gives: UC met "
                    "before another type, or a hole in a mask")  # fmt: skip
    if (frame.sdm_difference & UNDEFINED_BIT).any():
        yield LegendEntry(_UNDEFINED, "undefined by the SDM", "undefined by the SDM",
                    "MTRRs overlap here in a way that the SDM leaves undefined; KVM gives WB"
                    )  # fmt: skip


def leaf_entries(
    frame: Frame, leaves: LeafTable, pending: int | None = None
) -> tuple[LegendEntry, ...]:
    """Return the entries that count leaves: of the types that the run ever has, and stale ones.

    And ``pending``, those that the write being typed would zap, None without one.
    """
    ever = set(np.flatnonzero(np.bincount(leaves.memory_type, minlength=8)).tolist())
    counts = [count for count in type_counts(frame.tally) if count.memory_type in ever]
    return (
        *(_type_entry(count) for count in counts),
        _stale_entry(frame.stale_leaves),
        *([] if pending is None else [_pending_entry(pending)]),
    )


def _stale_entry(leaves: int) -> LegendEntry:
    tip = "leaves whose type or IPAT is not what a fault would get now"
    return LegendEntry(_STALE, f"stale {leaves:,}", "stale 00,000", tip)


def _type_entry(count: TypeCount) -> LegendEntry:
    name = count.memory_type.name
    tip = (
        f"{name}, {count.memory_type.long_name}: {plural(count.leaves, 'leaf', 'leaves')}, "
        f"{format_size(count.size_bytes)}\n{count.memory_type.meaning}"
    )
    return LegendEntry(count.memory_type, f"{name} {count.leaves:,}", f"{name} 00,000", tip)


class MapLegend(QWidget):
    """Paints the entries in lines; as wide as it is given, as high as the lines need."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._bridge = bridge
        self._entries = legend_entries(None, 0)
        self._widths: dict[str, int] = {}
        self._kept_places: tuple[tuple[LegendEntry, ...], int, Places] | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        Naming(self, bridge, "Legend of the {types}")
        bridge.theme_changed.connect(self.update)

    def show_frame(
        self, frame: Frame | None, vcpu: int, mismatches: int, pending: int | None
    ) -> None:
        """Show the counts of a picture, and of what :func:`legend_entries` says beside it."""
        self.show_entries(legend_entries(frame, vcpu, mismatches, pending))

    def show_entries(self, entries: tuple[LegendEntry, ...]) -> None:
        """Show other entries."""
        if entries != self._entries:
            is_other_length = [e.widest for e in entries] != [e.widest for e in self._entries]
            before, self._entries = (self._entries, self._places(self.width())[0]), entries
            if is_other_length:
                self.updateGeometry()
            told = [f"{e.words} ({e.tip})" for e in entries if e.is_now]
            self.setAccessibleDescription("; ".join(told))
            self._update_other_than(*before)

    def _update_other_than(self, before: tuple[LegendEntry, ...], places: list[QRect]) -> None:
        """Repaint the entries that changed; all if that moved any."""
        if self._places(self.width())[0] != places:
            self.update()
            return
        for old, entry, place in zip(before, self._entries, places, strict=True):
            if old != entry:
                self.update(place)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of all entries that are shown now."""
        return tuple(entry.words for entry in self._entries if entry.is_now)

    def sizeHint(self) -> QSize:
        """Return the height that the lines need at the present width."""
        return QSize(600, self.heightForWidth(max(self.width(), 600)))

    def minimumSizeHint(self) -> QSize:
        """Return one line, so that the width decides and not a first guess at it."""
        return QSize(120, self.heightForWidth(1 << 16))

    def hasHeightForWidth(self) -> bool:
        """Return that narrower means higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines at a width."""
        return self._places(width)[1]

    def _places(self, width: int) -> Places:
        """Return the rectangle of each entry, wrapping lines, and the height of all."""
        kept = self._kept_places
        if kept is None or kept[0] is not self._entries or kept[1] != width:
            kept = self._kept_places = (self._entries, width, self._find_places(width))
        return kept[2]

    def _find_places(self, width: int) -> Places:
        metrics = self.fontMetrics()
        line, side = metrics.height() + 4, metrics.ascent()
        x = y = 0
        places: list[QRect] = []
        for entry in self._entries:
            words = max(self._width(entry.words), self._width(entry.widest))
            if x and x + side + 5 + words > width:
                x, y = 0, y + line
            places.append(QRect(x, y, side + 5 + words, line))
            x += side + 5 + words + _SPACE
        return places, y + line

    def _width(self, words: str) -> int:
        """Return the width of words, from memory: they are measured several times a frame."""
        width = self._widths.get(words)
        if width is None:
            if len(self._widths) > _MOST_WIDTHS:
                self._widths.clear()
            width = self._widths[words] = self.fontMetrics().horizontalAdvance(words)
        return width

    def changeEvent(self, event: QEvent) -> None:
        """Measure anew in another font."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._widths.clear()
            self._kept_places = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint marks and words."""
        painter = QPainter(self)
        side = self.fontMetrics().ascent()
        for entry, place in zip(self._entries, self._places(self.width())[0], strict=True):
            if not entry.is_now or not event.region().intersects(place):
                continue
            mark = QRect(place.x(), place.y() + (place.height() - side) // 2, side, side)
            self.paint_mark(painter, entry.mark, mark)
            painter.setPen(QColor(self._bridge.theme.text))
            right = QRect(place)
            right.setLeft(mark.right() + 6)
            painter.drawText(right, Qt.AlignmentFlag.AlignVCenter, entry.words)
        painter.end()
        event.accept()

    def paint_mark(self, painter: QPainter, mark: MemoryType | str, rect: QRect) -> None:
        """Paint the mark of an entry as the map shows it."""
        theme = self._bridge.theme
        if isinstance(mark, MemoryType):
            swatch(painter, rect, theme, mark)
            return
        self._paint_state(painter, mark, rect)
        if mark in _OUTLINED:
            painter.setPen(QColor(theme.outline))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_state(self, painter: QPainter, mark: str, rect: QRect) -> None:
        """Paint the mark of what is no type alone."""
        theme = self._bridge.theme
        write_back = QColor(theme.type_colour(MemoryType.WB))
        if mark == _STALE:
            painter.fillRect(rect, QColor(theme.stale))
            painter.fillRect(rect.adjusted(2, 2, -2, -2), write_back)
        elif mark == _MIXED:
            half = rect.width() // 2
            painter.fillRect(rect, QColor(theme.type_colour(MemoryType.UC)))
            painter.fillRect(QRect(rect.x(), rect.y(), half, half), write_back)
            painter.fillRect(
                QRect(rect.x() + half, rect.y() + half, rect.width() - half, rect.width() - half),
                write_back,
            )
        elif mark in (_FLASH, _PENDING):
            _paint_zapped(painter, rect, theme, is_done=mark == _FLASH)
        elif mark == _NO_SLOT:
            paint_hatch(painter, rect, QColor(theme.dim))
        elif mark in _HOST_MARKS.values():
            _paint_strange(painter, rect, theme, mark)
        elif mark == _REAL:
            paint_cross_sample(painter, theme, rect.center().x(), rect.center().y())
        elif mark in (_SDM_DIFFERENCE, _UNDEFINED):
            painter.fillRect(rect, write_back)
            painter.setPen(QColor(theme.text))
            painter.drawPoints(_pattern(mark, rect))
        else:
            painter.fillRect(rect, tint_colour(theme, MemoryType.WB))
            if mark == _PART:
                painter.fillRect(rect.adjusted(3, 3, -3, -3), write_back)

    def tip_at(self, position: QPoint) -> str:
        """Explain the entry under the pointer, with the sentence of its term."""
        entry = self._entry_at(position)
        if entry is None:
            return ""
        return tip_with(entry.tip, mark_page(entry.mark)) or entry.tip

    def mark_at(self, position: QPoint) -> MemoryType | str | None:
        """Return the mark of the entry at a place, None if there is none."""
        entry = self._entry_at(position)
        return None if entry is None else entry.mark

    def _entry_at(self, position: QPoint) -> LegendEntry | None:
        places = self._places(self.width())[0]
        pairs = zip(self._entries, places, strict=True)
        return next((e for e, place in pairs if e.is_now and place.contains(position)), None)


def _paint_strange(painter: QPainter, rect: QRect, theme: Theme, mark: str) -> None:
    """Paint the mark of pages that have no type that anybody could tell."""
    table = colour_table(theme)
    is_unknown = mark == _HOST_MARKS[HostType.UNKNOWN]
    body = SOLID + (UNKNOWN_TYPE if is_unknown else UNDEFINED_TYPE)
    painter.fillRect(rect, QColor.fromRgb(table[body]))
    if is_unknown:
        half = rect.width() // 2
        odd = QColor.fromRgb(table[HATCH + UNKNOWN_TYPE])
        painter.fillRect(QRect(rect.x(), rect.y(), half, half), odd)
        painter.fillRect(QRect(rect.x() + half, rect.y() + half, half, half), odd)


def _paint_zapped(painter: QPainter, rect: QRect, theme: Theme, *, is_done: bool) -> None:
    """Paint the mark of dots that a zap just emptied, or of those that one would empty."""
    if is_done:
        painter.fillRect(rect, QColor(theme.dim))
        painter.fillRect(rect.adjusted(1, 1, -1, -1), flash_colour(theme, MemoryType.WB))
    else:
        painter.setPen(QPen(QColor(theme.flash), 2))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))


def _pattern(mark: str, rect: QRect) -> list[QPoint]:
    """Return the pixels of a pattern, as in the map."""
    step = 5 if mark == _SDM_DIFFERENCE else 3
    return [
        QPoint(rect.x() + x, rect.y() + y)
        for x in range(rect.width())
        for y in range(rect.height())
        if ((x - y) % step == 0 if mark == _SDM_DIFFERENCE else x % step == y % step == 1)
    ]


def paint_hatch(painter: QPainter, rect: QRect, colour: QColor) -> None:
    """Paint the hatch of addresses without a slot."""
    painter.save()
    painter.setPen(QPen(colour, 1))
    width, height = rect.width() - 1, rect.height() - 1
    for offset in range(-height, width, 4):
        # Cut by hand: pictures made of shapes are drawn without clipping.
        start, end = max(0, -offset), min(height, width - offset)
        x, y = rect.x() + offset, rect.y() + height
        painter.drawLine(x + start, y - start, x + end, y - end)
    painter.drawRect(rect.adjusted(0, 0, -1, -1))
    painter.restore()
