"""The stage: what the audience sees, full screen and in large type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from mtrrviz.facts.time_text import clock_text
from mtrrviz.gui.common.announcing import announce
from mtrrviz.gui.common.looks.text_size import TextSize, scale_below
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import OneLine
from mtrrviz.gui.lecture.curtain import Curtain
from mtrrviz.gui.lecture.pen_layer import PenLayer
from mtrrviz.gui.lecture.pointer_ring import PointerRing
from mtrrviz.gui.lecture.stage_panels import STAGE_PANELS, offered_panels
from mtrrviz.gui.map.map_view import MapView
from mtrrviz.gui.results.results_strip import ResultsStrip
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.gui.transport.transport_bar import Transport
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QCloseEvent, QResizeEvent

    from mtrrviz.gui.shell.bridge import Bridge

#: What makes it another picture, on which strokes point at the wrong things.
_OTHER_PICTURE = frozenset(
    {Change.PLAYHEAD, Change.MAP_MODE, Change.POLICY, Change.SCENARIO, Change.OPENED}
)
#: Shares of the height of map and timeline, and of the width of map and panels.
_DOWN, _ACROSS = (64, 36), (68, 32)
_TITLE_PERCENT = 140
#: Panels are first made so high each, which is more than there is, so that they share evenly.
_EVEN_PX = 10_000
#: So long words stand before those for the moment come back.
_SAID_MS = 6000


class LectureStage(QWidget):
    """Title, results, map with legend, timeline, chosen panels; over them ring, pen and curtain.

    ``where`` returns the words for the present moment, which stand below the title. ``closed``
    tells that the window was closed, by whomever.
    """

    closed = Signal()

    def __init__(self, bridge: Bridge, where: Callable[[], str]) -> None:
        super().__init__()
        self.setObjectName("stage")
        self.setWindowTitle("Lecture - mtrrviz")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._bridge = bridge
        self._where = where
        self._until_where = one_shot(self, _SAID_MS, self._show_where)
        self._base_pt = self.font().pointSizeF()
        self.text_size = TextSize.P100
        self.panels: dict[str, QWidget] = {}
        self._lay_out()
        self.pen = PenLayer(self)
        self.ring = PointerRing(self)
        self.curtain = Curtain(self)
        bridge.changed.connect(self._document_changed)
        self.map.canvas.view_changed.connect(self.pen.clear)
        self._show_scenario()

    def _lay_out(self) -> None:
        bridge = self._bridge
        self._title = OneLine(self)
        self.caption = OneLine(self)
        self.time = Label()
        self.time.setObjectName("stage_title")
        self.time.setAccessibleName("Time")
        self.results = ResultsStrip(bridge)
        self.map = MapView(bridge)
        self.timeline = TimelineView(bridge)
        self._transport = Transport(bridge, self)  # which moves the playhead while it plays
        self._transport.hide()
        top = QHBoxLayout()
        top.setContentsMargins(12, 4, 12, 0)
        top.setSpacing(24)
        top.addWidget(self._title, 1)
        top.addWidget(self.time)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 12, 0)
        below.addWidget(self.caption)
        self._beside = QSplitter(Qt.Orientation.Vertical)
        self._beside.setObjectName("stage_panels")
        self._beside.hide()
        across = _splitter(Qt.Orientation.Horizontal, (self.map, self._beside), _ACROSS)
        down = _splitter(Qt.Orientation.Vertical, (across, self.timeline), _DOWN)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self.results)
        column.addWidget(down, 1)

    @property
    def _is_host(self) -> bool:
        return self._bridge.document.scenario.machine.is_host

    @property
    def offered(self) -> list[str]:
        """The titles of the panels that can be shown."""
        return offered_panels(is_host=self._is_host)

    def show_panels(self, titles: Sequence[str]) -> None:
        """Show these panels beside the map and no others; an unknown title shows nothing."""
        wanted = [title for title in self.offered if title in titles]
        for title in wanted:
            if title not in self.panels:
                self.panels[title] = self._panel(title)
        for title, panel in self.panels.items():
            panel.setVisible(title in wanted)
        self._beside.setSizes([_EVEN_PX] * self._beside.count())
        self._beside.setVisible(any(not panel.isHidden() for panel in self.panels.values()))
        self.pen.clear()

    def _panel(self, title: str) -> QWidget:
        panel = STAGE_PANELS[title](self._bridge)
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._beside.addWidget(panel)
        scale_below(panel, self.text_size.percent / 100)
        return panel

    def set_text_size(self, size: TextSize) -> None:
        """Show all text on the stage in a size; the window's own text stays as it is."""
        scale_below(self, size.percent / self.text_size.percent)
        self.text_size = size
        text_pt = self._base_pt * size.percent / 100
        title_pt = text_pt * _TITLE_PERCENT / 100
        self.setStyleSheet(
            f"QWidget {{ font-size: {text_pt:g}pt; }}"
            f"QLabel#stage_title {{ font-size: {title_pt:g}pt; font-weight: 600; }}"
        )
        self.pen.clear()

    def say(self, words: str) -> None:
        """Show words below the title for a while, and let screen readers say them."""
        self.caption.say("dim", words)
        announce(self.caption, words)
        self._until_where.start()

    def _show_where(self) -> None:
        self.caption.say("dim", self._where())

    def toggle_play(self) -> None:
        """Play or pause."""
        self._transport.toggle_play()

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if changes & _OTHER_PICTURE:
            self.pen.clear()
        if Change.SCENARIO in changes:
            self._show_scenario()
        elif Change.PLAYHEAD in changes:
            self._show_time()
            if not self._until_where.isActive():
                self._show_where()

    def _show_scenario(self) -> None:
        self._title.say("stage_title", self._bridge.document.scenario.title)
        self.timeline.setVisible(not self._is_host)
        self._show_time()

    def _show_time(self) -> None:
        playhead_ns = self._bridge.document.playhead_ns
        self.time.setText("" if self._is_host else clock_text(playhead_ns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let pen and curtain cover all of it."""
        super().resizeEvent(event)
        for cover in (self.pen, self.curtain):
            cover.resize(self.size())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell it."""
        super().closeEvent(event)
        self.closed.emit()


def _splitter(
    direction: Qt.Orientation, parts: Sequence[QWidget], shares: tuple[int, int]
) -> QSplitter:
    splitter = QSplitter(direction)
    splitter.setChildrenCollapsible(False)
    for number, (part, share) in enumerate(zip(parts, shares, strict=True)):
        splitter.addWidget(part)
        splitter.setStretchFactor(number, share)
    splitter.setSizes([share * 1000 for share in shares])
    return splitter
