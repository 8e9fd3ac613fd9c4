"""The timeline as a panel: a header with what the marks mean and the stretch A to B, the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.units import format_time_ns
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.stretch import Stretch, measure
from mtrrviz.geometry.timeline.timeline_layout import Compared
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Dim, OneLine
from mtrrviz.gui.timeline.canvas import TimelineCanvas
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from mtrrviz.gui.shell.bridge import Bridge

_REDRAW = frozenset(
    {Change.SCENARIO, Change.OPENED, Change.RUN, Change.FIGURES, Change.POLICY}
    | {Change.DIFFERENCES}
)
_KEY_WORDS = "stem: {} cycles, colour of the vCPU   cap: contended   thin: part of memory"
_HELP = (
    "Height: modelled cycles of a zap, on a logarithmic scale. Colour: the vCPU. A light "
    "cap: contended, other vCPUs zap at the same time. A thin stem with a square: part of "
    "memory only; a full one: all memory. Figures over stems: zaps close together. The line"
    " is the running count, with its scale at the right. Hanging grey stems and the dotted "
    "line, or a track of its own: the compared policy. Between two tracks: when the EPTs differ.\n"
    "Faults: bars in the colours of the types that the leaves got, single ones as ticks; every "
    "type in a bar is at least a pixel high.\n"
    "Touches: grey bars, the higher the more pages are touched; hand-written ones are ticks in the "
    "colour of their vCPU, on a line for as long as they last. They can be dragged.\n"
    "Lanes: the colour of a vCPU stands beside its name; Ctrl and the wheel makes lanes higher; "
    "the right button on a name renames its lane or makes it taller. "
    "A full tick is an MTRR write, a low one a PAT write, a high grey one CR0, a "
    "middle one INIT; a barred tick in the accent colour is your own, a red crossed one was"
    " refused with #GP. Pennants are bookmarks, squares are notes, diamonds disabled quirks.\n"
    "Drag a tick, a flag or the start of a phase to move it, with Alt to any time; Escape gives "
    "up. Ctrl or Shift and a click, or Ctrl and a drag, choose several events, which a drag then "
    "moves together. The right button, or the menu key at the playhead, offers more."
)
#: What is shown of the compared policy: the choice's words, and what they mean.
_COMPARED_WORDS = {
    Compared.OFF: ("No compared zaps", "Only the zaps of the policy in use"),
    Compared.BELOW: ("Compared below", "The compared policy's zaps hang below, in grey"),
    Compared.STACKED: ("Stacked", "Each policy's zaps in a track of its own, on one scale"),
}
#: What is shown first, by whether the map shows two policies.
_FIRST_CHOICES = {False: Compared.BELOW, True: Compared.STACKED}
_BUTTON_PX = 24
_LEAST_WIDTH_PX, _LEAST_HEIGHT_PX = 260, 140


class TimelineView(FollowsDocument):
    """The timeline panel. Slots for actions: zoom, fit, markers."""

    follows = _REDRAW | {Change.MAP_MODE, Change.PLAYHEAD, Change.MARKERS, Change.CHOSEN}

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._choices = dict(_FIRST_CHOICES)
        self.canvas = TimelineCanvas(bridge, self)
        self._key = Dim(_KEY_WORDS.format(bridge.document.costs.label))
        self._key.setWordWrap(False)
        self._key.setMinimumWidth(1)  # it is hidden where it would be cut
        self._key.setToolTip(_HELP)
        self._measured = OneLine()
        self._measured.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.compared = self._compared_choice()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(0)
        self._buttons: list[QToolButton] = []
        self._header = self._made_header()
        layout.addLayout(self._header)
        layout.addWidget(self._scrolled(), 1)
        bridge.theme_changed.connect(self.canvas.redraw)
        self._show_measured()
        self._show_choice()

    def _scrolled(self) -> QScrollArea:
        """Return what scrolls the canvas where there is less height than it needs."""
        area = QScrollArea(self)
        area.setObjectName("timeline_scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the canvas has it
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setMinimumSize(_LEAST_WIDTH_PX, _LEAST_HEIGHT_PX)
        area.setWidget(self.canvas)
        return area

    def _compared_choice(self) -> QComboBox:
        choice = QComboBox(self)
        for shows, (words, meaning) in _COMPARED_WORDS.items():
            choice.addItem(words, shows)
            choice.setItemData(choice.count() - 1, plain_tip(meaning), Qt.ItemDataRole.ToolTipRole)
        choice.setAccessibleName("Zaps of the compared policy")
        choice.setToolTip("What to show of the compared policy's zaps")
        choice.activated.connect(self._choose)
        return choice

    def _choose(self, index: int) -> None:
        """Show the compared zaps so, as long as the map shows as many policies as now."""
        self._choices[self._shows_two_maps] = Compared(self.compared.itemData(index))
        self._show_choice()

    def compared_zaps(self, *, two_maps: bool) -> str:
        """Return what is shown of the compared zaps beside one map or two, by its name."""
        return str(self._choices[two_maps])

    def show_compared_zaps(self, name: str, *, two_maps: bool) -> None:
        """Show what was remembered by its name; what has no such name stays as it is."""
        if name in set(Compared):
            self._choices[two_maps] = Compared(name)
            self._show_choice()

    def _show_choice(self) -> None:
        shows = self._choices[self._shows_two_maps]
        self.compared.setCurrentIndex(list(_COMPARED_WORDS).index(shows))
        self.canvas.show_compared(shows)

    @property
    def _shows_two_maps(self) -> bool:
        return self.bridge.document.map_mode is not MapMode.ONE

    def _made_header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._key)
        row.addWidget(self._measured, 1)
        row.addWidget(self.compared)
        for text, name, slot in (
            ("\N{MINUS SIGN}", "Zoom out", self.zoom_out),
            ("+", "Zoom in", self.zoom_in),
            ("Fit", "Show the whole scenario", self.fit),
        ):
            button = self._button(text, name)
            button.clicked.connect(slot)
            self._buttons.append(button)
            row.addWidget(button)
        return row

    def _button(self, text: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(plain_tip(name))
        button.setAccessibleName(name)
        button.setFixedHeight(_BUTTON_PX)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    # Slots for actions

    def zoom_in(self) -> None:
        """Show more detail around the playhead."""
        self.canvas.zoom(1.6)

    def zoom_out(self) -> None:
        """Show more time around the playhead."""
        self.canvas.zoom(1 / 1.6)

    def fit(self) -> None:
        """Show the whole scenario."""
        self.canvas.fit()

    def zoom_to_markers(self) -> None:
        """Show the stretch between the markers, if both are set."""
        a_ns, b_ns = self._markers()
        if a_ns is not None and b_ns is not None:
            self.canvas.set_axis(self.canvas.axis.spanning(a_ns, b_ns))

    def set_marker(self, name: str) -> None:
        """Set marker ``"A"`` or ``"B"`` at the playhead, or take it away if it is there already."""
        document = self.bridge.document
        here = document.playhead_ns
        document.set_marker(name, None if document.marker(name) == here else here)

    def jump_to_marker(self, name: str) -> None:
        """Move the playhead to a marker that is set."""
        time_ns = self.bridge.document.marker(name)
        if time_ns is not None:
            self.bridge.document.set_playhead(time_ns)

    def clear_markers(self) -> None:
        """Take both markers away."""
        with self.bridge.document.batch():
            for name in "AB":
                self.bridge.document.set_marker(name, None)

    # The document

    def _markers(self) -> tuple[int | None, int | None]:
        return self.bridge.document.marker("A"), self.bridge.document.marker("B")

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show zaps, playhead and markers as they are now; of another scenario, all of it."""
        if Change.OPENED in changes:
            self.canvas.fit()
        if Change.MAP_MODE in changes:
            self._show_choice()
        elif changes & _REDRAW:
            self.canvas.refresh()
        if Change.PLAYHEAD in changes:
            self.canvas.follow_playhead()
        if changes & {Change.MARKERS, Change.CHOSEN}:
            self.canvas.update()
        if changes & (_REDRAW | {Change.MARKERS}):
            self._show_measured()

    def forget_document(self) -> None:
        """Show what there is of the new scenario, and nothing else."""
        self.canvas.refresh()
        self.canvas.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what the marks mean where there is room for it."""
        super().resizeEvent(event)
        self._show_measured()

    def changeEvent(self, event: QEvent) -> None:
        """Measure the words anew once all parts have another font."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            QTimer.singleShot(0, self, self._show_measured)

    def _show_measured(self) -> None:
        a_ns, b_ns = self._markers()
        run = self.bridge.document.run
        self._key.setText(_KEY_WORDS.format(self.bridge.document.costs.label))
        if a_ns is None or b_ns is None or run is None:
            text = next((f"{n} at {format_time_ns(t)}" for n, t in _set(a_ns, b_ns)), "")
            words = "Set the other marker to see what happens between them" if text else ""
        else:
            text = stretch_text(measure(run, a_ns, b_ns), run.costs.label)
            words = f"{text}\nBoth ends are included; cycles are modelled."
        self._measured.say("", text)
        self._measured.setToolTip(plain_tip(words))
        self._key.setVisible(self._room_for_words_px() >= self._words_px(text))

    def _room_for_words_px(self) -> int:
        """Return the width of the header that its controls leave."""
        controls = (self.compared, *self._buttons)
        used = sum(control.sizeHint().width() + self._header.spacing() for control in controls)
        return self._header.geometry().width() - used

    def _words_px(self, measured: str) -> int:
        """Return the width of the key and of what was measured, side by side."""
        advance = self._measured.fontMetrics().horizontalAdvance
        # One more than is advanced, or the last letter is elided.
        return self._key.sizeHint().width() + self._header.spacing() + advance(measured) + 1


def _set(a_ns: int | None, b_ns: int | None) -> list[tuple[str, int]]:
    return [(name, time) for name, time in (("A", a_ns), ("B", b_ns)) if time is not None]


def stretch_text(stretch: Stretch, label: str) -> str:
    """Return the figures of a stretch between the markers in one line; ``label`` the modelled."""
    return (
        f"A\N{EN DASH}B {format_time_ns(stretch.length_ns)}:  {plural(stretch.zap_count, 'zap')},  "
        f"{stretch.zap_mcycles:,.1f} M cycles ({label}),  "
        f"leaves dropped {stretch.leaves_dropped:,},  {plural(stretch.faults, 'fault')}"
    )
