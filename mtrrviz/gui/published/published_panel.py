"""The published panel: every published measurement beside ours, as a table and as a plot."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mtrrviz.analysis.validation import HEADER, ValidationRow, as_cells, summary
from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter
from mtrrviz.gui.common.looks.plot_border import show_plot_border
from mtrrviz.gui.common.tables.copy_table import CopyTable
from mtrrviz.gui.common.widgets import Dim

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QShowEvent

    from mtrrviz.gui.published.published_rows import PublishedRows
    from mtrrviz.gui.shell.bridge import Bridge

#: The first columns hold words, the others numbers.
_WORD_COLUMNS = 3
_POINT_SIZE = 9


class PublishedPanel(QWidget):
    """All published rows with ours at the constants in force, begun when first shown."""

    def __init__(
        self, bridge: Bridge, source: PublishedRows, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._source = source
        self._plot: _Plot | None = None
        self.summary = Dim()
        self.table = _FiguresTable()
        self._parts = TurningSplitter()
        self._lay_out()
        self.table.currentCellChanged.connect(self._mark)
        self.table.copying.done.connect(bridge.message)
        source.grown.connect(self._add)
        source.renewed.connect(self._show_all)
        source.failed.connect(self.summary.setText)
        bridge.theme_changed.connect(self._recolour)

    @property
    def rows(self) -> list[ValidationRow]:
        """The rows so far."""
        return self._source.rows

    @property
    def is_complete(self) -> bool:
        """Whether all rows are there."""
        return self._source.is_complete

    def _lay_out(self) -> None:
        self._parts.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(self.summary)
        column.addWidget(self._parts, 1)
        self.setAccessibleName("Published measurements")

    def showEvent(self, event: QShowEvent) -> None:
        """Begin, or go on where hiding interrupted."""
        super().showEvent(event)
        if self._plot is None:
            self._plot = _Plot(self._bridge, self._pick)
            self._parts.addWidget(self._plot.widget)
            self._parts.setSizes([620, 340])
        self._show_all()
        self._source.want(self)

    def _add(self, row: ValidationRow) -> None:
        self.summary.setText(
            f"Replaying the recorded boots: {len(self.rows)} of {self._source.total} rows"
        )
        self.table.add(row)

    def _show_all(self) -> None:
        """Show the rows that there are, all of them at the same constants."""
        self.table.show_rows(self.rows)
        if self.is_complete:
            self.summary.setText(summary(self.rows))
            self._draw()

    def _draw(self) -> None:
        if self._plot is not None:
            self._plot.show_rows(self.rows)
            self._mark()

    def _mark(self) -> None:
        """Show where the current row is in the plot."""
        number = self.table.currentRow()
        if self._plot is not None and self.is_complete:
            self._plot.mark(self.rows[number] if number >= 0 else None)

    def _pick(self, row: ValidationRow) -> None:
        """Select the row of a point."""
        self.table.selectRow(self.rows.index(row))

    def _recolour(self) -> None:
        if self._plot is not None:
            self._plot.recolour()
            if self.is_complete:
                self._draw()


class _FiguresTable(CopyTable):
    """The rows; a wrong count is in bold and says so."""

    def __init__(self) -> None:
        super().__init__(HEADER, _WORD_COLUMNS, "Published and modelled figures")

    def show_rows(self, rows: list[ValidationRow]) -> None:
        """Show other figures; what is selected and where the user scrolled to stays."""
        with self.filling():
            self.setRowCount(len(rows))
            for number, row in enumerate(rows):
                self._fill(number, row)

    def add(self, row: ValidationRow) -> None:
        """Add a row."""
        number = self.rowCount()
        with self.filling():
            self.insertRow(number)
            self._fill(number, row)

    def _fill(self, number: int, row: ValidationRow) -> None:
        wrong = not row.count_is_right
        tip = "The replayed number of zaps is not the published one" if wrong else ""
        self.fill(number, as_cells([row])[1][0], bold=wrong, tip=tip)


class _Plot:
    """The pyqtgraph part: published against modelled cycles, both logarithmic."""

    def __init__(self, bridge: Bridge, picked: Callable[[ValidationRow], None]) -> None:
        import pyqtgraph as pg  # noqa: PLC0415 - costs half a second, so not before it is needed

        self._pg = pg
        self._bridge = bridge
        self._picked = picked
        self._rows: list[ValidationRow] = []
        self.widget: Any = pg.PlotWidget()
        self.widget.setAccessibleName("Modelled against published zap cycles")
        self.widget.setToolTip(
            "On the line the model gives what was measured; above it, more. Click a point."
        )
        item = self.widget.getPlotItem()
        item.setLogMode(x=True, y=True)
        item.setLabel("bottom", "published Mcycles")
        item.setLabel("left", "modelled Mcycles")
        item.showGrid(x=True, y=True, alpha=0.15)
        item.setMenuEnabled(False)
        item.hideButtons()
        self._legend = item.addLegend(offset=(8, 8), labelTextSize="8pt")
        self._mark: Any = None
        self.recolour()

    def recolour(self) -> None:
        """Take the theme's colours; plots do not follow Qt's palette by themselves."""
        theme = self._bridge.theme
        self.widget.setBackground(theme.panel)
        show_plot_border(self.widget, theme)
        self._legend.setLabelTextColor(theme.dim)
        for side in ("left", "bottom"):
            axis = self.widget.getAxis(side)
            axis.setPen(theme.border)
            axis.setTextPen(theme.dim)

    def show_rows(self, rows: list[ValidationRow]) -> None:
        """Draw all points: discs for fitted cycles, triangles for predicted ones."""
        theme = self._bridge.theme
        self._rows = [row for row in rows if row.zap_mcycles > 0]  # a logarithm has no place for 0
        rows = self._rows
        self.widget.clear()
        self._mark = None
        if not rows:
            return
        figures = [
            figure for row in rows for figure in (row.published.zap_mcycles, row.zap_mcycles)
        ]
        ends = [min(figures), max(figures)]
        self.widget.plot(ends, ends, pen=self._pg.mkPen(theme.dim, width=1))
        name = "fitted" if rows[0].kinds["zap_mcycles"] == "fitted" else "constants changed"
        fitted = [(row.published.zap_mcycles, row.zap_mcycles) for row in rows]
        predicted = [
            (row.published.zap_mcycles, row.predicted_mcycles["vcpus"])
            for row in rows
            if row.predicted_mcycles
        ]
        if predicted:
            self._points(
                predicted, "predicted by a fit to the other vCPU count", "t1", theme.accent
            )
        self._points(fitted, name, "o", theme.dim)
        ring = {"symbolBrush": None, "symbolPen": self._pg.mkPen(theme.text, width=2)}
        self._mark = self.widget.plot(
            [], [], pen=None, symbol="o", symbolSize=_POINT_SIZE * 2, **ring
        )

    def _points(
        self, figures: list[tuple[float, float]], name: str, symbol: str, colour: str
    ) -> None:
        """Draw (published, modelled) Mcycles."""
        published, modelled = zip(*figures, strict=True)
        points = self.widget.plot(
            published,
            modelled,
            pen=None,
            symbol=symbol,
            symbolSize=_POINT_SIZE,
            symbolBrush=colour,
            symbolPen=None,
            name=name,
        )
        points.sigPointsClicked.connect(self._clicked)

    def _clicked(self, _item: object, points: list[Any], _event: object) -> None:
        """Select the row of the point that was clicked."""
        position: QPointF = points[0].pos()
        self._picked(min(self._rows, key=lambda row: _distance(row, position)))

    def mark(self, row: ValidationRow | None) -> None:
        """Put a ring around the point of a row."""
        if self._mark is not None:
            shown = [row] if row in self._rows else []
            self._mark.setData(
                [row.published.zap_mcycles for row in shown], [row.zap_mcycles for row in shown]
            )


def _distance(row: ValidationRow, position: QPointF) -> float:
    """Return how far the nearest of a row's points is from a position in decades, squared."""
    x = log10(row.published.zap_mcycles)
    heights = map(log10, (row.zap_mcycles, *row.predicted_mcycles.values()))
    return min((x - position.x()) ** 2 + (y - position.y()) ** 2 for y in heights)
