"""The EPT map as a view: title, what is shown, zoom buttons, legend and canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mtrrviz.geometry.map_words import span_text
from mtrrviz.gui.map.legend import MapLegend
from mtrrviz.gui.map.map_canvas import MapCanvas
from mtrrviz.gui.widgets import Heading
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.bridge import Bridge

#: Changes after which the picture is another one.
_PICTURE = frozenset(
    {Change.PLAYHEAD, Change.RUN, Change.SCENARIO, Change.POLICY, Change.VCPU, Change.OPENED}
)


class MapView(QWidget):
    """Shows every page's leaf, or the type its next fault would get, over the address space."""

    inspect_requested = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.canvas = MapCanvas(bridge, self)
        self.legend = MapLegend(bridge, self)
        self._where = QLabel(self)
        self._where.setObjectName("dim")
        self._where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._out = self._button("\N{MINUS SIGN}", "Zoom out (-)", self.canvas.zoom_out)
        self._in = self._button("+", "Zoom in (+)", self.canvas.zoom_in)
        self._fit = self._button("Fit", "Show the whole address space (F)", self.canvas.fit)
        self._lay_out()
        self.canvas.frame_changed.connect(self._frame_changed)
        self.canvas.view_changed.connect(self._view_changed)
        self.canvas.inspect_requested.connect(self.inspect_requested)
        self.canvas.hovered.connect(self._show_where)
        bridge.changed.connect(self._document_changed)
        self._view_changed()

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setMinimumSize(QSize(26, 24))
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(Heading("EPT map", self))
        top.addWidget(self._where, 1)
        for button in (self._out, self._in, self._fit):
            top.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.legend)
        column.addWidget(self.canvas, 1)
        self.setFocusProxy(self.canvas)

    def set_reduced_motion(self, reduced: bool) -> None:
        """Leave out the flash of zaps, or bring it back."""
        self.canvas.reduced_motion = reduced
        self.canvas.refresh()

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.OPENED in changes:
            self.canvas.forget()
        if changes & _PICTURE:
            self.canvas.refresh()
        elif Change.SELECTION in changes:
            self.canvas.update()
        gfn = self.bridge.document.gfn
        if Change.SELECTION in changes and gfn is not None:
            self.canvas.reveal(gfn)

    def _frame_changed(self) -> None:
        self.legend.show_frame(self.canvas.frame, self.bridge.document.vcpu)

    def _view_changed(self) -> None:
        view = self.canvas.view
        self._show_where("")
        self._fit.setEnabled(view is not None)
        self._out.setEnabled(view is not None)
        self.canvas.setCursor(
            Qt.CursorShape.CrossCursor if view is None else Qt.CursorShape.OpenHandCursor
        )

    def _show_where(self, hovered: str) -> None:
        """Say what is under the pointer, or else what part of the space is shown."""
        view = self.canvas.view
        whole = "the whole guest physical address space"
        shown = whole if view is None else span_text(view.first_gfn, view.end_gfn)
        self._where.setText(hovered or shown)
