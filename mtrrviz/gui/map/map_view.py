"""The EPT map as a view: title, what is shown, zoom buttons, legend and canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.facts.map_words import span_text
from mtrrviz.facts.trace.mismatches import mismatches
from mtrrviz.gui.common.layout.giving_row import GivingRow
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Heading, OneLine
from mtrrviz.gui.compare.difference_map import DifferenceMap
from mtrrviz.gui.compare.modes import ModeSwitch
from mtrrviz.gui.compare.side_by_side import SideBySide
from mtrrviz.gui.map.input.map_pointer import MapPointer
from mtrrviz.gui.map.input.paint_input import PaintInput
from mtrrviz.gui.map.input.range_input import RangeInput
from mtrrviz.gui.map.legend import MapLegend
from mtrrviz.gui.map.legend_above import LegendAbove
from mtrrviz.gui.map.map_canvas import MapCanvas
from mtrrviz.gui.map.overview_strip import OverviewStrip
from mtrrviz.gui.map.page_touches import PageTouches
from mtrrviz.gui.map.paint_bar import PaintBar
from mtrrviz.gui.map.paint_mode import PaintMode
from mtrrviz.gui.map.wanted_overlay import WantedOverlay
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QMenu

    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.geometry.map.map_pixels import PixelMap
    from mtrrviz.gui.shell.bridge import Bridge

#: Changes after which the picture is another one.
_PICTURE = frozenset(
    {Change.PLAYHEAD, Change.RUN, Change.SCENARIO, Change.POLICY, Change.VCPU, Change.OPENED}
)
_PAINT_HELP = "stripes: wanted types; behind: {types}"
_TITLES = {
    MapMode.ONE: "{types}",
    MapMode.SIDE_BY_SIDE: "EPT maps",
    MapMode.DIFFERENCE: "Differences",
}


_PAINT_TIP = (
    "The stripes are the types you want. The {types} lies pale below.\n"
    "Drag to paint all addresses between, with Shift only what is under the pointer;\n"
    "or select with Shift+arrows and press Return.\nB, T, P, C, U and X choose the type, Esc ends."
)


class MapView(QWidget):
    """Shows every page's leaf, or the type its next fault would get, over the address space.

    Of the policy in use, of two policies side by side, or where two differ, as the document says.
    All canvases show the same part of the space.
    """

    inspect_requested = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.canvas = MapCanvas(bridge, self)
        self.touches = PageTouches(bridge, lambda: self.canvas.layout_shown, self)
        self.legend = MapLegend(bridge, self)
        self.painting = PaintMode(bridge, self)
        self.paint_bar = PaintBar(bridge, self.painting, self)
        self._paint_input = PaintInput(self.canvas, self.painting)
        self._wanted_overlay = WantedOverlay()
        self._canvases: list[MapCanvas] = []
        self.side_by_side: SideBySide | None = None
        self.difference: DifferenceMap | None = None
        self._pages = QStackedWidget(self)
        self._one = self._page_of_one()
        self.overview = OverviewStrip(bridge, self)
        self.overview.moved.connect(self.canvas.centre)
        self._title = Heading("", self)
        self.where = OneLine(self)
        self._top = GivingRow(self)
        self.modes = ModeSwitch(self)
        self.modes.chosen.connect(bridge.document.set_map_mode)
        self._out = self._button("\N{MINUS SIGN}", "Zoom out (-)", self.canvas.zoom_out)
        self._in = self._button("+", "Zoom in (+)", self.canvas.zoom_in)
        self._fit = self._button("Fit", "Show the whole address space (F)", self.canvas.fit)
        self._lay_out()
        self.canvas.frame_changed.connect(self._frame_changed)
        self.canvas.view_changed.connect(self._view_changed)
        self._tie(self.canvas)
        self._show_view(self.canvas)
        self.painting.changed.connect(self._show_painting)
        bridge.changed.connect(self._document_changed)
        self._view_changed()
        self._show_mode()

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(plain_tip(tip))
        button.setAccessibleName(tip.partition(" (")[0])
        button.setMinimumSize(QSize(26, 24))
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _lay_out(self) -> None:
        top = self._top
        top.add(self._title, rank=2)
        top.add(self.where, rank=3, stretch=1)
        top.add(self.modes)
        for button in (self._out, self._in, self._fit):  # which have keys too
            top.add(button, rank=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addWidget(top)
        column.addWidget(self._pages, 1)
        column.addWidget(self.overview)
        self._pages.addWidget(self._one)
        self.setFocusProxy(self.canvas)

    def _page_of_one(self) -> LegendAbove:
        page = LegendAbove(self.legend, self.canvas, self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.legend)
        column.addWidget(self.paint_bar)
        self.paint_bar.hide()
        column.addWidget(self.canvas, 1)
        return page

    # Painting

    def _show_painting(self) -> None:
        """Show the wanted map while it is painted, in place of the legend's counts."""
        is_on = self.painting.is_on
        self.paint_bar.setVisible(is_on)
        self._one.want_legend(wanted=not is_on)
        self._paint_input.set_on(is_on)
        self.canvas.lay_over(self._paint_wanted if is_on else None)
        mode = self.bridge.document.map_mode
        self._title.setText("Wanted map" if is_on else self._title_of(mode))
        self._show_where("")

    def _paint_wanted(self, painter: QPainter, layout: MapLayout, pixels: PixelMap) -> None:
        width = self.bridge.document.scenario.machine.maxphyaddr
        shown, theme = self.painting.shown, self.bridge.theme
        self._wanted_overlay.paint(painter, layout, pixels, shown, theme, width)

    # Modes

    def _title_of(self, mode: MapMode) -> str:
        return self.bridge.terms.title(_TITLES[mode])

    def _show_mode(self) -> None:
        """Show one policy, two side by side, or their differences."""
        is_host = self.bridge.document.scenario.machine.is_host
        mode = MapMode.ONE if is_host else self.bridge.document.map_mode
        page = self._page(mode)
        self._pages.setCurrentWidget(page)
        self.setFocusProxy(page.focusProxy() or self.canvas)
        if mode is not MapMode.ONE:
            self.painting.set_on(False)
        self._title.setText("Wanted map" if self.painting.is_on else self._title_of(mode))
        self._top.want(self.modes, wanted=not is_host)
        self.modes.show_mode(mode)
        self._show_where("")

    def _page(self, mode: MapMode) -> QWidget:
        """Return the page of a mode, made when it is first wanted."""
        if mode is MapMode.SIDE_BY_SIDE:
            if self.side_by_side is None:
                self.side_by_side = SideBySide(self.bridge, self)
                self._add(self.side_by_side, self.side_by_side.canvases)
            return self.side_by_side
        if mode is MapMode.DIFFERENCE:
            if self.difference is None:
                self.difference = DifferenceMap(self.bridge, self)
                self._add(self.difference, self.difference.canvases)
            return self.difference
        return self._one

    def _add(self, page: QWidget, canvases: Sequence[MapCanvas]) -> None:
        self._pages.addWidget(page)
        for canvas in canvases:
            canvas.reduced_motion = self.canvas.reduced_motion
            canvas.set_view(self.canvas.view)
            self._tie(canvas)

    def _tie(self, canvas: MapCanvas) -> None:
        """Let a canvas move all others, and be moved by them."""
        self._canvases.append(canvas)
        canvas.view_changed.connect(lambda: self._show_view(canvas))
        canvas.inspect_requested.connect(self.inspect_requested)
        canvas.menu_requested.connect(self._show_menu)
        canvas.hovered.connect(self._show_where)
        MapPointer(canvas)  # first: what is installed later comes before it
        RangeInput(self.bridge, canvas)

    def _show_menu(self, place: QPoint) -> None:
        """Show what can be done with the selected page; of a real machine's there is nothing."""
        if not self.bridge.document.scenario.machine.is_host:
            self.touches.popup(place)

    def menu_now(self) -> QMenu | None:
        """Return the menu of the selected page, if one is selected."""
        return None if self.bridge.document.gfn is None else self.touches.menu()

    def _show_view(self, leader: MapCanvas) -> None:
        for canvas in self._canvases:
            canvas.set_view(leader.view)
            canvas.setCursor(
                Qt.CursorShape.CrossCursor if leader.view is None else Qt.CursorShape.OpenHandCursor
            )

    def set_reduced_motion(self, reduced: bool) -> None:
        """Leave out the flash of zaps, or bring it back."""
        for canvas in self._canvases:
            canvas.reduced_motion = reduced
            canvas.refresh()

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if changes & {Change.MAP_MODE, Change.OPENED, Change.SCENARIO}:
            self._show_mode()
        if Change.POLICY in changes and self.side_by_side is not None:
            self.side_by_side.show_names()
        for canvas in self._canvases:
            if Change.OPENED in changes:
                canvas.forget()
            if changes & _PICTURE:
                canvas.follow()
            elif changes & {Change.SELECTION, Change.SELECTED_ITEM, Change.PENDING}:
                canvas.update()
        if Change.SELECTED_ITEM in changes:
            self._show_selection()
        if Change.PENDING in changes:
            self._show_pending()
        gfn = self.bridge.document.gfn
        if Change.SELECTION in changes and gfn is not None:
            self.canvas.reveal(gfn)

    def _show_pending(self) -> None:
        """Count what the write being typed would zap, on each map."""
        self._frame_changed()
        if self.side_by_side is not None:
            self.side_by_side.show_counts()

    def _show_selection(self) -> None:
        """Show the whole space if what the user asked to see lies beside the window shown."""
        selection, view = self.bridge.document.selection, self.canvas.view
        if selection is None or selection.gfns is None or view is None:
            return
        if selection.gfns[0] >= view.end_gfn or selection.gfns[1] <= view.first_gfn:
            self.canvas.fit()

    def _frame_changed(self) -> None:
        state = self.canvas.state
        count = 0 if state is None else len(mismatches(state))
        pending = self.bridge.document.pending
        hit = len(pending.rows_hit(state)) if pending.is_shown else None
        self.legend.show_frame(self.canvas.frame, self.bridge.document.vcpu, count, hit)

    def _view_changed(self) -> None:
        view = self.canvas.view
        self.overview.show_view(self.canvas.bands, view)
        self._show_where("")
        self._fit.setEnabled(view is not None)
        self._out.setEnabled(view is not None)

    def _show_where(self, hovered: str) -> None:
        """Say what is under the pointer, or else what part of the space is shown."""
        view = self.canvas.view
        if self.painting.is_on and not hovered:
            hovered = self.painting.words or self.bridge.terms.fill(_PAINT_HELP)
        whole = self.bridge.terms.fill("the whole {space}")
        shown = whole if view is None else span_text(view.first_gfn, view.end_gfn)
        self.where.say("dim", hovered or shown)
        if self.painting.is_on:
            self.where.setToolTip(plain_tip(self.bridge.terms.fill(_PAINT_TIP)))
