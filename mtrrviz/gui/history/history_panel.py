"""The history panel: live leaves by memory type, and zaps so far under both policies, as curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.core.wording.words import plural
from mtrrviz.geometry.timeline.history_curves import LeafHistory, leaf_history
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.latest import Latest
from mtrrviz.gui.common.looks.plot_border import show_plot_border
from mtrrviz.gui.common.widgets import Empty
from mtrrviz.session.changes import Change
from mtrrviz.session.runs import at_once

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.run import Run

_SECONDS_PER_NS = 1e-9
#: The curves of more leaves are worked out beside the window.
_AT_ONCE = 200_000


class HistoryPanel(FollowsDocument):
    """Two plots over one time axis. The plotting library is loaded when it is first shown."""

    follows = frozenset({Change.RUN, Change.POLICY, Change.SCENARIO, Change.PLAYHEAD})

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._plots: _Plots | None = None
        self._latest = Latest()
        self._empty = Empty("The curves appear once the first run is finished.", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._empty)
        self.setAccessibleName("History of the EPT")
        bridge.theme_changed.connect(self._recolour)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Draw the curves of the runs, or only the playhead."""
        if changes - {Change.PLAYHEAD}:
            self._show_runs()
        elif self._plots is not None:
            self._plots.move_playhead(self.bridge.document.playhead_ns)

    def _show_runs(self) -> None:
        document = self.bridge.document
        run, compared = document.run, document.compared_run
        if run is None:
            self.forget_document()
            return
        runs = [run] if compared is None else [run, compared]
        self._latest.ask(
            at_once if sum(len(each.leaves) for each in runs) <= _AT_ONCE else document.executor,
            lambda: [(each, leaf_history(each)) for each in runs],
            self._draw,
            about=tuple(runs),
        )

    def forget_document(self) -> None:
        """Draw nothing any more."""
        self._latest.drop()
        if self._plots is not None:
            self._plots.widget.hide()
        self._empty.show()
        self.setAccessibleDescription("")

    def _draw(self, curves: list[tuple[Run, LeafHistory]]) -> None:
        if self._plots is None:
            self._plots = _Plots(self.bridge)
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self._plots.widget)
        self._plots.widget.show()
        self._empty.hide()
        self._plots.show_runs(curves)
        self._plots.move_playhead(self.bridge.document.playhead_ns)
        self.setAccessibleDescription(_words(*curves[0]))

    def _recolour(self) -> None:
        if self._plots is not None:
            self._plots.recolour()
            self._show_runs()


def _words(run: Run, history: LeafHistory) -> str:
    """Return what the curves say at their end, for those who cannot see them."""
    last = [(int(values[-1]), kind.name) for kind, values in history.live.items()]
    counts = ", ".join(plural(n, f"{name} leaf", f"{name} leaves") for n, name in last)
    return f"At the end of the scenario: {counts}; {plural(len(run.zaps), 'zap')}."


class _Plots:
    """The pyqtgraph part: leaves above, zaps below, time axes tied."""

    def __init__(self, bridge: Bridge) -> None:
        import pyqtgraph as pg  # noqa: PLC0415 - costs half a second, so not before it is needed

        self._pg = pg
        self._bridge = bridge
        self.widget = pg.GraphicsLayoutWidget()
        self.widget.setAccessibleName("Curves of live leaves and zaps")
        self._leaves = self._plot(0, "leaves")
        self._zaps = self._plot(1, "zaps so far")
        self._zaps.setXLink(self._leaves)
        self._zaps.setLabel("bottom", "scenario time", units="s")
        self._playheads = [
            pg.InfiniteLine(angle=90, movable=False) for _ in (self._leaves, self._zaps)
        ]
        self._curves: list[Any] = []
        self.recolour()

    def _plot(self, row: int, title: str) -> Any:
        plot: Any = self._pg.PlotItem()
        self.widget.addItem(plot, row, 0)
        plot.setLabel("left", title)
        plot.getAxis("left").setWidth(64)
        plot.getAxis("left").enableAutoSIPrefix(False)
        # The lines of its grid cover a plot, so an axis would be drawn anew with each playhead.
        for side in ("left", "bottom"):
            plot.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        plot.showGrid(x=True, y=True, alpha=0.15)
        plot.setMouseEnabled(x=True, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        # In one row: a low panel has no room for more.
        plot.addLegend(offset=(-8, 2), labelTextSize="8pt", colCount=len(MEMORY_TYPES))
        plot.vb.setLimits(xMin=0, yMin=0)
        return plot

    def recolour(self) -> None:
        """Take the theme's colours; plots do not follow Qt's palette by themselves."""
        theme = self._bridge.theme
        self.widget.setBackground(theme.panel)
        show_plot_border(self.widget, theme)
        for plot in (self._leaves, self._zaps):
            plot.legend.setLabelTextColor(theme.dim)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(theme.border)
                axis.setTextPen(theme.dim)
        for line in self._playheads:
            line.setPen(theme.playhead)

    def show_runs(self, curves: list[tuple[Run, LeafHistory]]) -> None:
        """Draw the curves of the first run, and the zaps of the one compared with in grey."""
        for plot, line in zip((self._leaves, self._zaps), self._playheads, strict=True):
            plot.clear()
            plot.addItem(line)
        (run, history), *others = curves
        theme = self._bridge.theme
        for memory_type in MEMORY_TYPES:
            if memory_type in history.live:
                values = history.live[memory_type]
                self._step(
                    self._leaves, history, values, theme.type_colour(memory_type), memory_type.name
                )
        for compared, other in others:
            self._step(self._zaps, other, other.zaps, theme.faint, compared.policy.id)
        self._step(self._zaps, history, history.zaps, theme.accent, run.policy.id)
        duration_s = run.scenario.duration_ns * _SECONDS_PER_NS
        self._leaves.vb.setLimits(xMax=duration_s)
        self._leaves.setXRange(0, duration_s, padding=0)

    def _step(self, plot: Any, history: LeafHistory, values: Any, colour: str, name: str) -> None:
        """Draw one curve as steps: a value holds until the next."""
        pen = self._pg.mkPen(colour, width=1)
        x = history.times_ns * _SECONDS_PER_NS
        plot.plot(x, values[:-1], stepMode="center", pen=pen, name=name)

    def move_playhead(self, time_ns: int) -> None:
        """Show another time."""
        for line in self._playheads:
            line.setValue(time_ns * _SECONDS_PER_NS)
