"""The canvas of the map of differences: zoom, keys and mouse are the map's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter

from mtrrviz.core.units import PAGE_SHIFT, format_size
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.differences import DIFFERENT
from mtrrviz.facts.map_words import region_text, span_text
from mtrrviz.facts.tables.difference_rows import difference_ranges, kind_words
from mtrrviz.facts.tables.leaf_cells import entry_words
from mtrrviz.geometry.map.difference_image import DifferenceFrame, DifferenceImager
from mtrrviz.gui.compare.difference_palette import LETTERS, difference_colours, kind_colour
from mtrrviz.gui.map.map_canvas import MapCanvas
from mtrrviz.gui.map.map_palette import ink_on
from mtrrviz.gui.map.overlay import has_room_for_letters, paint_frame

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.facts.differences import DifferenceKind, Differences
    from mtrrviz.geometry.map.map_layout import MapLayout, Placed
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.run import State

#: Ranges of one dot that are described one by one; more are counted.
_DESCRIBED = 3


class DifferenceCanvas(MapCanvas):
    """Draws where the EPTs of the two policies differ at the playhead."""

    name: ClassVar[str] = "Map of the differences of two EPTs"

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        self._difference_imager = DifferenceImager()
        self._differences: Differences | None = None
        self._difference_frame: DifferenceFrame | None = None
        super().__init__(bridge, parent)
        self.bridge = bridge

    @property
    def comparison(self) -> Comparison | None:
        """The two runs, or None while one of them is being made."""
        return self.bridge.document.comparison

    @property
    def state(self) -> State | None:
        """The state of the policy in use, None until there are two runs to compare."""
        return None if self.comparison is None else self.bridge.document.state

    @property
    def differences(self) -> Differences | None:
        """The differences at the playhead, or None while a run is being made."""
        if self._differences is None and self.comparison is not None:
            self._differences = self.comparison.at(self.bridge.document.playhead_ns)
        return self._differences

    @property
    def difference_frame(self) -> DifferenceFrame | None:
        """The picture shown, or None before the first."""
        return self._difference_frame

    def forget(self) -> None:
        """Go back to the overview, and keep nothing: another scenario was opened."""
        self._difference_imager = DifferenceImager()
        super().forget()

    def refresh(self) -> None:
        """Draw anew; the work is done when the widget is painted."""
        self._differences = None
        self._difference_frame = None
        super().refresh()

    def colours(self, theme: Theme) -> list[int]:
        """Return a colour (0xAARRGGBB) for every value of the image."""
        return difference_colours(theme)

    def paint_map(self, painter: QPainter, state: State, layout: MapLayout) -> None:
        """Paint image, letters and what every map has."""
        differences, theme = self.differences, self.bridge.theme
        if differences is None:
            return
        frame = self._difference_frame or self._make(differences, state, layout)
        self.paint_image(painter, frame.image)
        for item in layout.placed:
            if has_room_for_letters(item):
                _paint_letters(painter, theme, item, frame)
        paint_frame(painter, theme, layout, self.bridge.document.gfn)

    def _make(self, found: Differences, state: State, layout: MapLayout) -> DifferenceFrame:
        machine = state.run.scenario.machine
        frame = self._difference_imager.frame(
            layout, machine, found.starts, found.ends, found.kinds
        )
        self._difference_frame = frame
        self.frame_changed.emit()
        return frame

    def words_for(self, dot: int) -> tuple[str, ...]:
        """Return the lines that describe a dot now; none before there are two runs."""
        comparison, differences, state = self.comparison, self.differences, self.state
        if comparison is None or differences is None or state is None:
            return ()
        first, end = self.layout_shown.gfn_range(dot)
        machine = state.run.scenario.machine
        where = (span_text(first, end), region_text(machine, first, end))
        names = comparison.policies
        rows = difference_ranges(differences.within(first, end), machine)
        lines = [
            f"{format_size(row.size_bytes)} {kind_words(row.kind, *names)}: "
            f"{names[0]} {entry_words(row.bits_a)}, {names[1]} {entry_words(row.bits_b)}"
            for row in rows[:_DESCRIBED]
        ]
        if len(rows) > _DESCRIBED:
            lines.append(f"and {plural(len(rows) - _DESCRIBED, 'more range')}")
        return (*where, *(lines or ["no difference"]))


def kind_tally(found: Differences | None) -> dict[DifferenceKind, str]:
    """Return the size of what differs in each way, in words."""
    pages = {} if found is None else found.pages_by_kind()
    return {kind: format_size(pages.get(kind, 0) << PAGE_SHIFT) for kind in DIFFERENT}


def _paint_letters(painter: QPainter, theme: Theme, item: Placed, frame: DifferenceFrame) -> None:
    """Write the letters of its kinds into each dot that differs."""
    grid = item.grid
    font = QFont(painter.font())
    font.setPixelSize(min(14, max(9, min(grid.dot_w // 2 - 1, grid.dot_h - 4))))
    painter.save()
    painter.setFont(font)
    for dot, mask in enumerate(frame.kinds[item.first_dot : item.end_dot].tolist()):
        present = [kind for kind in DIFFERENT if mask >> kind & 1]
        if present:
            x, y = grid.corner(dot)
            rect = QRect(item.x + x, item.y + y, grid.dot_w - 1, grid.dot_h - 1)
            painter.setPen(ink_on(kind_colour(theme, present[0])))
            painter.drawText(
                rect, Qt.AlignmentFlag.AlignCenter, "".join(LETTERS[kind] for kind in present)
            )
    painter.restore()
