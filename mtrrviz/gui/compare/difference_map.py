"""The map of differences with its legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mtrrviz.facts.differences import DIFFERENT, DifferenceKind
from mtrrviz.facts.tables.difference_rows import kind_words
from mtrrviz.gui.compare.difference_canvas import DifferenceCanvas, kind_tally
from mtrrviz.gui.compare.difference_palette import LETTERS, kind_colour, odd_colour, unmapped_colour
from mtrrviz.gui.map.legend import LegendEntry, MapLegend, paint_hatch

if TYPE_CHECKING:
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.gui.shell.bridge import Bridge

_ALIKE, _UNMAPPED, _NO_SLOT = "alike", "unmapped", "no slot"
_QUIET = (
    LegendEntry(_ALIKE, "alike", "alike", "mapped by both, with one type and IPAT"),
    LegendEntry(
        _UNMAPPED, "no leaf in either", "no leaf in either", "memory that neither maps now"
    ),
    LegendEntry(_NO_SLOT, "no memory slot", "no memory slot", "never a leaf here"),
)
_MEANINGS = {
    DifferenceKind.ONLY_A: "a leaf under the policy in use, none under the other",
    DifferenceKind.ONLY_B: "no leaf under the policy in use, one under the other",
    DifferenceKind.TYPE: "a leaf under both, of different memory types",
    DifferenceKind.IPAT: "one type, but only one of the leaves ignores the guest's PAT",
}


class DifferenceLegend(MapLegend):
    """The legend of the map of differences."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._theme_of = bridge
        self.setAccessibleName("Legend of the differences")

    def paint_mark(self, painter: QPainter, mark: MemoryType | str, rect: QRect) -> None:
        """Paint the mark of an entry as the map shows it."""
        theme = self._theme_of.theme
        if mark == _NO_SLOT:
            paint_hatch(painter, rect, QColor(theme.dim))
        elif mark == _UNMAPPED:
            painter.fillRect(rect, unmapped_colour(theme))
            painter.setPen(QColor(theme.border))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        else:
            kinds = {letter: kind for kind, letter in LETTERS.items()}
            kind = kinds.get(str(mark), DifferenceKind.EQUAL)
            painter.fillRect(rect, kind_colour(theme, kind))
            _paint_checker(painter, rect, odd_colour(theme, kind))


def _paint_checker(painter: QPainter, rect: QRect, colour: QColor) -> None:
    """Paint every other square of a mark."""
    side = max(2, rect.width() // 4)
    for row in range(0, rect.height(), side):
        for column in range(0, rect.width(), side):
            if (row + column) // side % 2:
                square = QRect(rect.x() + column, rect.y() + row, side, side)
                painter.fillRect(square.intersected(rect), colour)


class DifferenceMap(QWidget):
    """Legend and canvas: where the two policies' leaves differ at the playhead."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.canvas = DifferenceCanvas(bridge, self)
        self.legend = DifferenceLegend(bridge, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.legend)
        column.addWidget(self.canvas, 1)
        self.setFocusProxy(self.canvas)
        self.canvas.frame_changed.connect(self._show_legend)
        self._show_legend()

    @property
    def canvases(self) -> tuple[DifferenceCanvas, ...]:
        """The canvases whose views are tied to the map's."""
        return (self.canvas,)

    def _show_legend(self) -> None:
        document = self._bridge.document
        names = (document.policy, document.compared_policy)
        tally = kind_tally(self.canvas.differences)
        loud = tuple(_entry(kind, names, tally[kind]) for kind in DIFFERENT)
        self.legend.show_entries((*loud, *_QUIET))


def _entry(kind: DifferenceKind, names: tuple[str, str], size: str) -> LegendEntry:
    letter = LETTERS[kind]
    words = f"{letter} {kind_words(kind, *names)}"
    tip = f"{letter}: {_MEANINGS[kind]}; {size}"
    return LegendEntry(letter, f"{words} {size}", f"{words} 00.00 MiB", tip)
