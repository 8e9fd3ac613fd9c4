"""The transport: play, step, speed, loop, and the time shown, which can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import format_time_ns
from mtrrviz.facts.time_text import clock_text, parse_time_ns, short_clock_text
from mtrrviz.gui.common.focus import FocusReturn
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.widgets import mono_font
from mtrrviz.gui.transport.speed_box import USUAL_PACE, SpeedBox
from mtrrviz.gui.transport.transport_icons import transport_icon
from mtrrviz.session.changes import Change
from mtrrviz.session.playing.going_to import go_to_moment
from mtrrviz.session.playing.moment_words import moment_words, stopped_words
from mtrrviz.session.playing.navigation import (
    ZAPS,
    JumpFilter,
    next_event,
    next_moment,
    next_phase,
    previous_event,
    previous_moment,
    previous_phase,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QFocusEvent, QKeyEvent

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.playing.stopping import Stop

_FRAME_MS = 16
_TIME_HELP = (
    "Scenario time: a recorded boot plays in the boot time modelled for a guest without zaps. "
    "What the zaps add is shown as the boot time.\nType a time to go there: 6.9 s, 850 ms, +10 ms"
)


class TimeField(QLineEdit):
    """The playhead's time; typing another one and Enter goes there, Esc takes it back.

    Either way the keyboard goes back to where it was.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = bridge.document
        self._focus = FocusReturn(self)
        self.setFrame(False)
        self.setFont(mono_font(self))
        self.setAccessibleName("Time")
        self.setAccessibleDescription(_TIME_HELP)
        self.setToolTip(_TIME_HELP)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("100.000000 s") + 12)
        self.returnPressed.connect(self._go)
        self.textEdited.connect(lambda: self._show_error(""))
        self.show_time()

    def show_time(self) -> None:
        """Show the playhead, unless the user is typing."""
        if not (self.hasFocus() and self.isModified()):
            self.setText(self._words())

    def _words(self) -> str:
        """Return the time: to the microsecond at rest, in calm figures while it runs."""
        playing = self._document.playback.playing
        return clock_text(self._document.playhead_ns, 3 if playing else 6)

    def _go(self) -> None:
        try:
            time_ns = parse_time_ns(self.text(), self._document.playhead_ns)
        except MtrrvizError as error:
            self._show_error(str(error))
            return
        self._show_error("")
        self.setModified(False)
        self._document.set_playhead(time_ns)
        self.setText(self._words())
        self._focus.hand_back()

    def _show_error(self, message: str) -> None:
        self.setProperty("wrong", bool(message))
        self.setToolTip(plain_tip(message or _TIME_HELP))
        self.style().unpolish(self)
        self.style().polish(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Offer the whole time to be typed over."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Drop what was typed but not entered."""
        super().focusOutEvent(event)
        self._take_back()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc take the typing back."""
        if event.key() == Qt.Key.Key_Escape:
            self._take_back()
            self._focus.hand_back()
        else:
            super().keyPressEvent(event)

    def _take_back(self) -> None:
        self.setModified(False)
        self._show_error("")
        self.setText(self._words())


class Transport(QWidget):
    """The playback controls for a toolbar. Its public methods are the playback actions."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._document = bridge.document
        self._playback = self._document.playback
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._tick)
        self._buttons: dict[str, QToolButton] = {}
        self.time_field = TimeField(bridge)
        self._end = Label()
        self._end.setObjectName("dim")
        self._end.setToolTip(_TIME_HELP)
        self.speed_box = SpeedBox(self._playback, self)
        self._said: Stop | None = None
        self._fill()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Playback")
        bridge.changed.connect(self._document_changed)
        bridge.theme_changed.connect(self._draw_icons)
        self._draw_icons()
        self._show_state()

    def _fill(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(2)
        for name, words, slot in (
            ("to-start", "To the start", self.to_start),
            ("step-back", "Back to the previous event or fault", self.step_back),
            ("play", "Play", self.toggle_play),
            ("step-forward", "On to the next event or fault", self.step_forward),
            ("to-end", "To the end", self.to_end),
            ("loop", "Loop between markers A and B", self.toggle_loop),
            ("record", "Record", self.toggle_record),
        ):
            row.addWidget(self._button(name, words, slot))
        self._buttons["loop"].setCheckable(True)
        self._buttons["record"].setCheckable(True)
        row.addWidget(self.speed_box)
        row.addSpacing(8)
        row.addWidget(Label("t ="))
        row.addWidget(self.time_field)
        row.addWidget(self._end)

    def _button(self, name: str, words: str, slot: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(20, 20))
        button.setMinimumSize(28, 28)
        button.setToolTip(plain_tip(words))
        button.setAccessibleName(words)
        button.clicked.connect(slot)
        button.setObjectName(name)
        self._buttons[name] = button
        return button

    # Actions

    @Slot()
    def toggle_play(self) -> None:
        """Play or pause."""
        self._playback.toggle()

    @Slot()
    def step_forward(self) -> None:
        """Go to the next event or fault."""
        document = self._document
        found = next_moment(document.run, document.scenario, document.playhead_ns)
        self._jump(found, "event or fault", is_forward=True)

    @Slot()
    def step_back(self) -> None:
        """Go to the previous event or fault."""
        document = self._document
        found = previous_moment(document.run, document.scenario, document.playhead_ns)
        self._jump(found, "event or fault", is_forward=False)

    @Slot()
    def run_to_stop(self) -> None:
        """Go to the next time at which a condition to stop at is fulfilled."""
        self._run_to(self._playback.run_to_stop, "after")

    @Slot()
    def run_back_to_stop(self) -> None:
        """Go to the previous time at which a condition to stop at is fulfilled."""
        self._run_to(self._playback.run_back_to_stop, "before")

    def _run_to(self, run: Callable[[], Stop | None], where: str) -> None:
        """Go to a stop, or say why there is none; the stop itself is said as it is shown."""
        self._playback.pause()
        stopping = self._document.stopping
        if not stopping.is_wanted:
            self._bridge.message.emit("Nothing to stop at: add a condition in the Stops panel")
        elif not stopping.is_known:
            self._bridge.message.emit("Stops are still being computed")
        elif run() is None:
            time = short_clock_text(self._document.playhead_ns)
            self._bridge.message.emit(f"No stop {where} {time}")

    @Slot()
    def toggle_pace(self) -> None:
        """Play from one event or fault to the next, or let time run evenly again."""
        self._playback.set_pace(USUAL_PACE if self._playback.pace is None else None)

    @Slot()
    def to_start(self) -> None:
        """Go to the start."""
        self._document.set_playhead(0)

    @Slot()
    def to_end(self) -> None:
        """Go to the end."""
        go_to_moment(self._document, self._document.duration_ns)

    @Slot()
    def faster(self) -> None:
        """Play at the next higher speed."""
        self._playback.faster()

    @Slot()
    def slower(self) -> None:
        """Play at the next lower speed."""
        self._playback.slower()

    @Slot()
    def toggle_loop(self) -> None:
        """Loop between the markers, or do not."""
        self._playback.set_looping(not self._playback.looping)

    @Slot()
    def toggle_record(self) -> None:
        """Record what is done to the machine, or no longer."""
        tape = self._document.tape
        tape.switch(on=not tape.is_on)
        self._bridge.message.emit(tape.words)

    @Slot()
    def next_zap(self) -> None:
        """Go to the next zap."""
        self._go_to_next(ZAPS, "zap")

    @Slot()
    def previous_zap(self) -> None:
        """Go to the previous zap."""
        self._go_to_previous(ZAPS, "zap")

    @Slot()
    def next_of_vcpu(self) -> None:
        """Go to the next event of the selected vCPU."""
        self._go_to_next(*self._of_vcpu)

    @Slot()
    def previous_of_vcpu(self) -> None:
        """Go to the previous event of the selected vCPU."""
        self._go_to_previous(*self._of_vcpu)

    @Slot()
    def next_phase(self) -> None:
        """Go to the start of the next phase."""
        found = next_phase(self._document.scenario, self._document.playhead_ns)
        self._jump(found, "phase", is_forward=True)

    @Slot()
    def previous_phase(self) -> None:
        """Go to the start of this phase, or of the one before."""
        found = previous_phase(self._document.scenario, self._document.playhead_ns)
        self._jump(found, "phase", is_forward=False)

    @Slot()
    def edit_time(self) -> None:
        """Let the user type a time."""
        self.time_field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def _of_vcpu(self) -> tuple[JumpFilter, str]:
        """Which events the selected vCPU's are, and what to call them."""
        vcpu = self._document.vcpu
        return JumpFilter(vcpu=vcpu), f"event of vCPU {vcpu}"

    def _go_to_next(self, wanted: JumpFilter, what: str) -> None:
        document = self._document
        found = next_event(document.run, document.scenario, document.playhead_ns, wanted)
        self._jump(found, what, is_forward=True)

    def _go_to_previous(self, wanted: JumpFilter, what: str) -> None:
        document = self._document
        found = previous_event(document.run, document.scenario, document.playhead_ns, wanted)
        self._jump(found, what, is_forward=False)

    def _jump(self, time_ns: int | None, what: str, *, is_forward: bool) -> None:
        """Go to a time and say what happens there; None says that there is no more to go to."""
        document = self._document
        self._playback.pause()
        if time_ns is None:
            end, where = ("end", "after") if is_forward else ("start", "before")
            time = short_clock_text(document.playhead_ns)
            self._bridge.message.emit(f"The {end}: there is no {what} {where} {time}")
        else:
            document.set_playhead(time_ns)
            self._bridge.message.emit(moment_words(document.run, time_ns))

    # Time

    @Slot()
    def _tick(self) -> None:
        """Tell the playback how much real time went by, whatever the timer's rate was."""
        elapsed_ns = self._clock.nsecsElapsed()
        self._clock.start()
        self._playback.advance(elapsed_ns)

    # The document

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.PLAYBACK in changes:
            self._say_stop()
        if changes & {Change.PLAYBACK, Change.OPENED, Change.SCENARIO}:
            self._show_state()
        elif Change.PLAYHEAD in changes:
            self.time_field.show_time()

    def _say_stop(self) -> None:
        """Say what playing was stopped by, once."""
        stop, said = self._playback.stopped_by, self._said
        self._said = stop
        if stop is not None and stop is not said:
            self._bridge.message.emit(stopped_words(self._document.run, stop))

    def _show_state(self) -> None:
        playback = self._playback
        if playback.playing and not self._timer.isActive():
            self._clock.start()
            self._timer.start()
        elif not playback.playing:
            self._timer.stop()
        self.speed_box.show_speed()
        self._buttons["loop"].setChecked(playback.looping)
        self._show_tape()
        self._end.setText(f"/ {format_time_ns(self._document.duration_ns)}")
        self.time_field.show_time()
        self._draw_play()

    def _show_tape(self) -> None:
        tape, button = self._document.tape, self._buttons["record"]
        button.setChecked(tape.is_on)
        button.setToolTip(plain_tip(tape.words))
        button.setAccessibleDescription(tape.words)

    def _draw_play(self) -> None:
        playing = self._playback.playing
        words = "Pause" if playing else "Play"
        button = self._buttons["play"]
        button.setIcon(transport_icon("pause" if playing else "play", self._bridge.theme))
        button.setToolTip(plain_tip(words))
        button.setAccessibleName(words)

    def _draw_icons(self) -> None:
        for name, button in self._buttons.items():
            if name != "play":
                button.setIcon(transport_icon(name, self._bridge.theme))
        self._draw_play()
