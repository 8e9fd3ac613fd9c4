"""Two maps beside each other: the policy in use and the one compared with, at one time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from mtrrviz.gui.common.widgets import Heading
from mtrrviz.gui.map.legend import MapLegend, leaf_entries
from mtrrviz.gui.map.map_canvas import MapCanvas

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.run import State

_NARROWEST_PX = 200


class ComparedCanvas(MapCanvas):
    """The map of the policy compared with."""

    name: ClassVar[str] = "{types} of the policy compared with"

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._document = bridge.document

    @property
    def state(self) -> State | None:
        """The state of the policy compared with."""
        return self._document.compared_state


class SideBySide(QWidget):
    """Two columns: the policy's name, the counts of its leaves, its map."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.canvases: tuple[MapCanvas, MapCanvas] = (
            MapCanvas(bridge, self),
            ComparedCanvas(bridge, self),
        )
        self._names = (Heading("", self), Heading("", self))
        self.legends = (MapLegend(bridge, self), MapLegend(bridge, self))
        self._lay_out()
        for canvas in self.canvases:
            canvas.setMinimumSize(_NARROWEST_PX, 160)
            canvas.frame_changed.connect(self.show_counts)
        self.setFocusProxy(self.canvases[0])
        self.show_names()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setRowStretch(2, 1)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
            grid.addWidget(self._names[column], 0, column)
            grid.addWidget(self.legends[column], 1, column)
            grid.addWidget(self.canvases[column], 2, column)

    def show_names(self) -> None:
        """Show the names of the two policies."""
        document = self._bridge.document
        for label, policy in zip(
            self._names, (document.policy, document.compared_policy), strict=True
        ):
            _say(label, policy)

    def show_counts(self) -> None:
        """Show how many leaves each map has, and how many the write being typed would zap."""
        pending = self._bridge.document.pending
        for canvas, legend in zip(self.canvases, self.legends, strict=True):
            state = canvas.state
            if canvas.frame is not None and state is not None:
                hit = len(pending.rows_hit(state)) if pending.is_shown else None
                legend.show_entries(leaf_entries(canvas.frame, state.run.leaves, hit))


def _say(label: QLabel, policy: str) -> None:
    label.setText(policy)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
