"""The plots of a sweep: zaps, cycles and boot time against vCPUs or against memory."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.sweep_curves import FIGURES, curves, published_points
from mtrrviz.gui.common.looks.plot_border import show_plot_border
from mtrrviz.gui.sweep.policy_marks import colour_of, symbol_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.analysis.sweep import SweepRow
    from mtrrviz.analysis.sweep_curves import Axis, Curve, Figure, PublishedPoint
    from mtrrviz.gui.shell.bridge import Bridge

_POINT_PX, _RING_PX = 7, 14
_MOST_TICKS = 5
_TITLE_PX = 18
#: Room at the ends of axes, at the right for names, and how near those may be, as shares.
_PADDING, _NAME_ROOM, _NAME_GAP = 0.08, 0.3, 0.17
#: Figures that span powers of ten.
_LOGARITHMIC = frozenset({"zap_mcycles"})
_TIP = (
    "Marks: modelled, one shape per policy. Rings: published. Dashed: extrapolated, more vCPUs "
    "than "
    "were ever measured (16). Click a mark to find its row."
)


class SweepPlots:
    """The pyqtgraph part: one plot a figure, side by side, over a common logarithmic axis."""

    def __init__(self, bridge: Bridge, picked: Callable[[SweepRow], None]) -> None:
        import pyqtgraph as pg  # noqa: PLC0415 - costs half a second, so not before it is needed

        self._pg = pg
        self._bridge = bridge
        self._picked = picked
        self._rows: Sequence[SweepRow] = ()
        self._axis: Axis = "vcpus"
        self._label = ""
        self.widget: Any = pg.GraphicsLayoutWidget()
        self.widget.setAccessibleName("Plots of the sweep")
        self.widget.setToolTip(_TIP)
        self.widget.setMinimumWidth(220)
        self.plots: dict[Figure, Any] = {figure: self._plot(figure) for figure in FIGURES}
        self._rings: dict[Figure, Any] = {}
        self.show_figures(tuple(FIGURES))
        self.recolour()

    def _plot(self, figure: Figure) -> Any:
        plot: Any = self._pg.PlotItem()
        plot.setLogMode(x=True, y=figure in _LOGARITHMIC)
        plot.getAxis("left").enableAutoSIPrefix(False)
        plot.showGrid(x=True, y=True, alpha=0.15)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.vb.setDefaultPadding(_PADDING)
        return plot

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show the plots of some figures, side by side."""
        self.widget.clear()
        for column, figure in enumerate(figures):
            self.widget.addItem(self.plots[figure], 0, column)

    def recolour(self) -> None:
        """Take the theme's colours; plots do not follow Qt's palette by themselves."""
        theme = self._bridge.theme
        self.widget.setBackground(theme.panel)
        show_plot_border(self.widget, theme)
        for plot in self.plots.values():
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(theme.border)
                axis.setTextPen(theme.dim)
        self.show_rows(self._rows, self._axis, self._label)

    def show_rows(self, rows: Sequence[SweepRow], axis: Axis, label: str) -> None:
        """Draw the rows of a sweep; ``label`` stands beside what is modelled."""
        self._rows, self._axis, self._label = rows, axis, label
        for figure, plot in self.plots.items():
            plot.clear()
            words = FIGURES[figure] if figure == "zap_count" else f"{FIGURES[figure]} ({label})"
            self._set_title(plot, words)
            found = [_drawn(curve, figure) for curve in curves(rows, axis, figure)]
            for curve in found:
                self._draw(plot, curve)
            self._draw_published(plot, published_points(rows, axis, figure))
            ring = self._pg.mkPen(self._bridge.theme.text, width=2)
            self._rings[figure] = _marks(plot, [], [], symbol="o", size=2 * _POINT_PX, pen=ring)
            # an empty list of ticks crashes the library
            plot.getAxis("bottom").setTicks([_ticks(rows, axis)] if rows else None)
            plot.autoRange()
            if self._name_ends(plot, found, figure):
                (left, right), _ = plot.vb.viewRange()
                plot.setXRange(left, right + _NAME_ROOM * (right - left), padding=0)

    def _set_title(self, plot: Any, words: str) -> None:
        """Put a title over a plot, in less room than the library takes for it."""
        plot.setTitle(words, size="8pt", color=self._bridge.theme.dim)
        plot.titleLabel.setMaximumHeight(_TITLE_PX)
        plot.layout.setRowFixedHeight(0, _TITLE_PX)

    def _draw(self, plot: Any, curve: Curve) -> None:
        """Draw a curve: a line as far as anything was measured, dashes beyond, a mark a point."""
        colour = colour_of(curve.policy, self._bridge.theme)
        styles = ((curve.solid, "SolidLine"), (curve.dashed, "DashLine"))
        for part, style in styles:
            pen = self._pg.mkPen(colour, width=1, style=getattr(self._pg.QtCore.Qt.PenStyle, style))
            plot.plot(curve.x[part], curve.y[part], pen=pen)
        points = _marks(
            plot, curve.x, curve.y, symbol=symbol_of(curve.policy), size=_POINT_PX, brush=colour
        )
        points.sigPointsClicked.connect(self._picker(curve))

    def _picker(self, curve: Curve) -> Callable[[object, list[Any], object], None]:
        """Return what tells the row of a point of ``curve`` that was clicked."""

        def pick(_item: object, points: list[Any], _event: object) -> None:
            self._picked(curve.rows[points[0].index()])

        return pick

    def _name_ends(self, plot: Any, found: Sequence[Curve], figure: Figure) -> bool:
        """Write the sizes at the ends of curves that differ by them; return if there are any."""
        heights = [_height(value, figure) for curve in found for value in curve.y]
        gap = _NAME_GAP * (max(heights, default=0.0) - min(heights, default=0.0))
        named = False
        for group in _near_ends([curve for curve in found if curve.x], figure, gap):
            sizes = dict.fromkeys(curve.size for curve in group)
            if len(sizes) < len({curve.size for curve in found}):  # else the size does not matter
                end = group[len(group) // 2]
                text = self._pg.TextItem(
                    " " + ", ".join(sizes), color=self._bridge.theme.dim, anchor=(0, 0.5)
                )
                text.setPos(log10(end.x[-1]), _height(end.y[-1], figure))
                plot.addItem(text, ignoreBounds=True)
                named = True
        return named

    def _draw_published(self, plot: Any, points: Sequence[PublishedPoint]) -> None:
        pen = self._pg.mkPen(self._bridge.theme.text, width=1)
        for policy in dict.fromkeys(point.policy for point in points):
            found = [point for point in points if point.policy == policy]
            x, y = [point.x for point in found], [point.y for point in found]
            _marks(plot, x, y, symbol=symbol_of(policy), size=_RING_PX, pen=pen)

    def mark(self, row: SweepRow | None) -> None:
        """Put rings around the points of a row."""
        for figure, ring in self._rings.items():
            value = 0.0 if row is None else float(getattr(row, figure))
            hidden = row is None or (figure in _LOGARITHMIC and value <= 0)
            shown = [] if hidden else [value]
            ring.setData([float(getattr(row, self._axis)) for _ in shown], shown)


def _marks(
    plot: Any,
    x: Sequence[float],
    y: Sequence[float],
    *,
    symbol: str,
    size: int,
    pen: Any = None,
    brush: str | None = None,
) -> Any:
    """Draw marks without a line: full ones with a ``brush``, hollow ones with a ``pen``."""
    return plot.plot(
        list(x), list(y), pen=None, symbol=symbol, symbolSize=size, symbolPen=pen, symbolBrush=brush
    )


def _drawn(curve: Curve, figure: Figure) -> Curve:
    """Return a curve without the points that cannot be drawn: a logarithm has no place for 0."""
    return curve.above(0) if figure in _LOGARITHMIC else curve


def _height(value: float, figure: Figure) -> float:
    """Return where a value stands in the plot's own coordinates."""
    return log10(value) if figure in _LOGARITHMIC else value


def _near_ends(found: Sequence[Curve], figure: Figure, gap: float) -> list[list[Curve]]:
    """Return curves in groups whose ends are too near each other for names of their own."""
    groups: list[list[Curve]] = []
    start = 0.0
    for curve in sorted(found, key=lambda curve: curve.y[-1]):
        height = _height(curve.y[-1], figure)
        if groups and height - start <= gap:
            groups[-1].append(curve)
        else:
            groups.append([curve])
            start = height
    return groups


def _ticks(rows: Sequence[SweepRow], axis: Axis) -> list[tuple[float, str]]:
    """Return the sizes that were swept as ticks, every second or third where there are many."""
    sizes = sorted({float(getattr(row, axis)) for row in rows})
    every = -(-len(sizes) // _MOST_TICKS)
    return [(log10(size), f"{size:g}") for size in sizes[::every]]
