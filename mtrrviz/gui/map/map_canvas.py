"""The canvas of the EPT map: paints the image and what lies over it, and takes keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.facts.map_words import dot_text, sdm_difference_text
from mtrrviz.facts.tables.mismatch_rows import mismatch_words
from mtrrviz.facts.trace.mismatches import mismatches
from mtrrviz.geometry.map.map_bands import Band, bands_of
from mtrrviz.geometry.map.map_image import Frame, MapImager
from mtrrviz.geometry.map.map_layout import MapLayout, lay_out
from mtrrviz.geometry.map.map_span import span_rects
from mtrrviz.geometry.map.map_steps import next_dot
from mtrrviz.geometry.map.map_viewport import View, centred, pan, showing, zoom_in, zoom_out
from mtrrviz.gui.common.event_filters import KeysFirst, PointerTips
from mtrrviz.gui.common.looks.text_size import keep_limits
from mtrrviz.gui.common.naming import Naming
from mtrrviz.gui.map.map_palette import colour_table
from mtrrviz.gui.map.overlay import paint_frame, paint_overlay, paint_span
from mtrrviz.gui.map.pending_marks import PendingMarks
from mtrrviz.gui.trace_check.mismatch_marks import paint_map_marks

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_pixels import PixelMap
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import State

    LaidOver = Callable[[QPainter, MapLayout, PixelMap], None]

_MARGIN = 6
#: How many dots to the right and down an arrow key leads.
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MapCanvas(QWidget):
    """Draws the map; zoom and pan are its own, everything else is the document's.

    ``frame_changed`` follows each new picture, ``view_changed`` each zoom or pan,
    ``inspect_requested`` a click on a page and Enter on the selected one, ``menu_requested``
    carries where the menu of the selected page is wanted on the screen, and ``hovered`` the words
    on the dot under the pointer, none if there is no dot.
    """

    #: What it is called, in the nouns of Terms.
    name: ClassVar[str] = "{types}"

    frame_changed = Signal()
    view_changed = Signal()
    inspect_requested = Signal()
    menu_requested = Signal(QPoint)
    hovered = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        KeysFirst(self, self._pans_with)
        self._bridge = bridge
        self._imager = MapImager(bridge.document.executor)
        self._view: View = None
        self._bands: tuple[Scenario, tuple[Band, ...]] | None = None
        self._layout: MapLayout | None = None
        self._overview: tuple[tuple[object, ...], MapLayout] | None = None
        self._frame: Frame | None = None
        self._made_of: tuple[object, ...] = ()
        self._image: QImage | None = None
        self._theme = bridge.theme
        self._colours = self.colours(bridge.theme)
        self._laid_over: LaidOver | None = None
        self._pending = PendingMarks(self._imager)
        self.reduced_motion = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(300, 160)
        keep_limits(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        Naming(self, bridge, self.name)
        bridge.theme_changed.connect(self.recolour)

    def sizeHint(self) -> QSize:
        """Return a size at which blocks of 2 MiB of a small guest are well seen."""
        return QSize(640, 420)

    # What is shown

    @property
    def state(self) -> State | None:
        """The state shown: that of the policy in use."""
        return self._bridge.document.state

    @property
    def view(self) -> View:
        """The window of pages shown, or None for the overview."""
        return self._view

    @property
    def frame(self) -> Frame | None:
        """The picture shown, or None before the first."""
        return self._frame

    @property
    def selected_gfn(self) -> int | None:
        """The selected page, or None."""
        return self._bridge.document.gfn

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands of the scenario's machine."""
        scenario = self._bridge.document.scenario
        if self._bands is None or self._bands[0].machine is not scenario.machine:
            self._bands = (scenario, bands_of(scenario.machine))
        return self._bands[1]

    @property
    def layout_shown(self) -> MapLayout:
        """The layout for the present size and view."""
        width, height = self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN
        caption = self.fontMetrics().height() + 2
        layout, machine = self._layout, self._bridge.document.scenario.machine
        fits = layout is not None and (layout.width, layout.height) == (width, height)
        if (
            layout is None
            or not fits
            or self._bands is None
            or self._bands[0].machine is not machine
        ):
            layout = self._laid_out(width, height, caption)
            self._layout = layout
        return layout

    def _laid_out(self, width: int, height: int, caption_px: int) -> MapLayout:
        """Return a layout; the overview's is kept, and with it all that is drawn in it."""
        made_of = (self.bands, width, height, caption_px)
        if self._view is not None:
            return lay_out(self.bands, self._view, width, height, caption_px=caption_px)
        if self._overview is None or self._overview[0] != made_of:
            layout = lay_out(self.bands, None, width, height, caption_px=caption_px)
            self._overview = (made_of, layout)
        return self._overview[1]

    def set_view(self, view: View) -> None:
        """Show another window, or the overview."""
        if view == self._view:
            return
        self._view = view
        self._layout = None
        self.refresh()
        self.view_changed.emit()

    def refresh(self) -> None:
        """Draw anew; the work is done when the widget is painted."""
        self._frame = None
        self._made_of = ()
        self._image = None
        self.update()

    def follow(self) -> None:
        """Draw anew if the picture would be another: a run compared with may be all that is new."""
        if not self._made_of or self._made_of != self._ingredients:
            self.refresh()

    @property
    def _ingredients(self) -> tuple[object, ...]:
        """All of the document that the picture is made of."""
        document = self._bridge.document
        return self.state, document.vcpu, document.scenario.machine

    def forget(self) -> None:
        """Go back to the overview, and keep nothing: another scenario was opened."""
        self._imager = MapImager(self._bridge.document.executor)
        self._pending = PendingMarks(self._imager)
        self._bands = self._overview = self._layout = None
        self.set_view(None)
        self.refresh()

    def reveal(self, gfn: int) -> None:
        """Move the window so that it shows ``gfn``."""
        self.set_view(showing(self._view, gfn, self.bands))

    def centre(self, gfn: int) -> None:
        """Move the window so that ``gfn`` is in its middle."""
        self.set_view(centred(self._view, gfn, self.bands))

    # Zoom

    def zoom_in(self, gfn: int | None = None) -> None:
        """Halve the width of the window, keeping ``gfn`` (or the selection) in place."""
        self.set_view(zoom_in(self._view, self._anchor(gfn), self.bands))

    def zoom_out(self, gfn: int | None = None) -> None:
        """Double the width of the window."""
        self.set_view(zoom_out(self._view, self._anchor(gfn), self.bands))

    def fit(self) -> None:
        """Show the overview."""
        self.set_view(None)

    def _anchor(self, gfn: int | None) -> int:
        """Return the page to keep in place: the one given, the selected, or the middle."""
        if gfn is not None:
            return gfn
        selected = self._bridge.document.gfn
        if selected is not None and self.layout_shown.dot_of(selected) is not None:
            return selected
        return 0 if self._view is None else self._view.first_gfn + self._view.pages // 2

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the image, making it first if anything changed, and the overlay."""
        painter = QPainter(self)
        theme = self._bridge.theme
        painter.fillRect(event.rect(), QColor(theme.panel))
        state = self.state
        if state is None:
            painter.setPen(QColor(theme.dim))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "The run is being simulated"
            )
        else:
            painter.translate(_MARGIN, _MARGIN)
            self.paint_map(painter, state, self.layout_shown)
            self._paint_selection(painter)
            painter.resetTransform()
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def paint_map(self, painter: QPainter, state: State, layout: MapLayout) -> None:
        """Paint image and overlay; the painter's origin is the map's corner."""
        frame = self._frame or self._make_frame(state, layout)
        self.paint_image(painter, frame.image)
        theme, gfn = self._bridge.theme, self._bridge.document.gfn
        if self._laid_over is not None:
            self._laid_over(painter, layout, self._imager.pixels(layout, state.run))
            paint_frame(painter, theme, layout, gfn)
            return
        paint_overlay(painter, theme, layout, frame, gfn)
        if len(mismatches(state)):
            paint_map_marks(painter, theme, layout, state)
        pending = self._bridge.document.pending
        self._pending.paint(painter, theme, layout, state, pending)

    def lay_over(self, paint: LaidOver | None) -> None:
        """Let ``paint`` lay something over the map in place of its letters; None ends that."""
        self._laid_over = paint
        self.update()

    def _paint_selection(self, painter: QPainter) -> None:
        """Outline the range that the user asked to see."""
        selection = self._bridge.document.selection
        if selection is not None and selection.gfns is not None:
            rects = span_rects(self.layout_shown, *selection.gfns)
            paint_span(painter, self._bridge.theme, rects)

    def paint_image(self, painter: QPainter, values: NDArray[np.uint8]) -> None:
        """Paint the image; it is made anew only after :meth:`refresh` or :meth:`recolour`."""
        if self._image is None:
            self._image = self._make_image(values)
        painter.drawImage(0, 0, self._image)

    def _make_frame(self, state: State, layout: MapLayout) -> Frame:
        vcpu = self._bridge.document.vcpu
        frame = self._imager.frame(state, vcpu, layout, flash=not self.reduced_motion)
        self._frame = frame
        self._made_of = self._ingredients
        self.frame_changed.emit()
        return frame

    def colours(self, theme: Theme) -> list[int]:
        """Return a colour (0xAARRGGBB) for every value of the image."""
        return colour_table(theme)

    def _make_image(self, values: NDArray[np.uint8]) -> QImage:
        """Return the picture of an image's values in the theme's colours."""
        height, width = values.shape
        image = QImage(values.data, width, height, width, QImage.Format.Format_Indexed8)
        image.setColorTable(self._colours)
        # Painting RGB32 is so much faster than Indexed8 that converting first pays.
        return image.convertToFormat(QImage.Format.Format_RGB32)

    def recolour(self) -> None:
        """Draw the same map in the colours of the theme."""
        if self._bridge.theme is not self._theme:
            self._theme = self._bridge.theme
            self._colours = self.colours(self._theme)
        self._image = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        self._layout = None
        self.refresh()
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus is gone."""
        self.update()
        super().focusOutEvent(event)

    # Places

    def dot_under(self, position: QPoint | QPointF) -> int | None:
        """Return the dot at a point of the widget, or None."""
        return self.layout_shown.dot_at(int(position.x()) - _MARGIN, int(position.y()) - _MARGIN)

    def rect_of(self, gfn: int) -> QRect | None:
        """Return where the dot of ``gfn`` lies in the widget, or None if it is not shown."""
        rect = self.layout_shown.rect_of(gfn)
        return rect and QRect(rect.x + _MARGIN, rect.y + _MARGIN, rect.width, rect.height)

    def select_dot(self, dot: int) -> None:
        """Select the dot's first page; a page of the dot that is selected already stays."""
        first, end = self.layout_shown.gfn_range(dot)
        selected = self._bridge.document.gfn
        if selected is None or not first <= selected < end:
            self._bridge.document.select_page(first)

    def tip_at(self, position: QPoint) -> str:
        """Return the words about the dot under the pointer."""
        dot = self.dot_under(position)
        return "" if dot is None else "\n".join(self.words_for(dot))

    def words_for(self, dot: int) -> tuple[str, ...]:
        """Return the lines that describe a dot now; none before the first run."""
        document, state = self._bridge.document, self.state
        if state is None:
            return ()
        gfns = self.layout_shown.gfn_range(dot)
        words = dot_text(state, document.vcpu, gfns)
        sdm_difference = sdm_difference_text(state, document.vcpu, gfns)
        return (*words, *sdm_difference, *mismatch_words(state, gfns))

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection, zoom, or ask for the inspector."""
        key = Qt.Key(event.key())
        if key in ARROWS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.step(*ARROWS[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_F):
            self.fit()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and self._view is not None:
            pages = self._view.pages * (1 if key == Qt.Key.Key_PageDown else -1)
            self.set_view(pan(self._view, pages, self.bands))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.inspect_requested.emit()
        else:
            super().keyPressEvent(event)

    def _pans_with(self, key: Qt.Key) -> bool:
        """Whether a key moves the window, which is zoomed in, and not the playhead."""
        return self._view is not None and key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)

    def step(self, across: int, down: int) -> None:
        """Select the neighbouring dot."""
        layout, selected = self.layout_shown, self._bridge.document.gfn
        dot = None if selected is None else layout.dot_of(selected)
        after = 0 if dot is None else next_dot(layout, dot, across, down)
        first, end = layout.gfn_range(after)
        self._bridge.document.select_page(first)
        self.setAccessibleDescription(
            f"{format_gpa(first << PAGE_SHIFT)} to {format_gpa((end << PAGE_SHIFT) - 1)}: "
            + "; ".join(self.words_for(after)[1:])
        )
