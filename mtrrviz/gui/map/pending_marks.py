"""What the write being typed would do, on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QImage, QPainter

from mtrrviz.geometry.map.map_span import span_rects
from mtrrviz.gui.map.overlay import paint_span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_image import MapImager
    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.session.registers.pending_write import PendingWrite
    from mtrrviz.sim.run import State


class PendingMarks:
    """Paints frames on leaves; they are drawn once for a layout, a theme and a set of leaves."""

    def __init__(self, imager: MapImager) -> None:
        self._imager = imager
        self._kept: tuple[MapLayout, NDArray[np.intp], Theme, QImage] | None = None

    def paint(
        self,
        painter: QPainter,
        theme: Theme,
        layout: MapLayout,
        state: State,
        pending: PendingWrite,
    ) -> None:
        """Frame the leaves that the write being typed would zap, and outline its ranges."""
        if not pending.is_shown:
            return
        rows = pending.rows_hit(state)
        if len(rows):
            kept = self._kept
            if kept is None or kept[0] is not layout or kept[1] is not rows or kept[2] != theme:
                image = _coloured(self._imager.rims(rows, layout, state.run), theme.flash)
                kept = self._kept = (layout, rows, theme, image)
            painter.drawImage(0, 0, kept[3])
        for gfns in pending.spans:
            paint_span(painter, theme, span_rects(layout, *gfns), is_pending=True)


def _coloured(marks: NDArray[np.uint8], colour: str) -> QImage:
    """Return the picture of marks in a colour, transparent elsewhere."""
    height, width = marks.shape
    image = QImage(marks.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable([0, QColor(colour).rgba()])
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
