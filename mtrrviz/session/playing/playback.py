"""Playback: moves the playhead. It has no clock: its owner tells it how much time has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mtrrviz.session.changes import Change
from mtrrviz.session.playing.navigation import next_moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.changes import Observer
    from mtrrviz.session.playing.stopping import Stop, Stopping
    from mtrrviz.session.playing.tape import Tape
    from mtrrviz.sim.run import Run

#: Speeds in tenths of scenario seconds per real second, so that time stays in whole numbers.
_SPEED_TENTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: The speeds that can be chosen: scenario seconds per real second.
SPEEDS = tuple(tenths / 10 for tenths in _SPEED_TENTHS)
#: The paces that can be chosen when playing goes from moment to moment: moments per real second.
PACES = (1, 2, 5, 10, 25)
_SECOND_NS = 1_000_000_000


class Played(Protocol):
    """The part of a document that playback needs."""

    @property
    def playhead_ns(self) -> int:
        """The time shown."""
        ...

    @property
    def duration_ns(self) -> int:
        """Length of the scenario."""
        ...

    @property
    def scenario(self) -> Scenario:
        """The scenario with all edits."""
        ...

    @property
    def run(self) -> Run | None:
        """The newest finished run of the policy in use."""
        ...

    @property
    def stopping(self) -> Stopping:
        """What knows where to stop."""
        ...

    @property
    def tape(self) -> Tape:
        """What says whether time goes on beyond the end."""
        ...

    def make_room(self, time_ns: int) -> None:
        """Let the scenario last longer if it is recorded."""
        ...

    def marker(self, name: str) -> int | None:
        """Return the time of marker ``"A"`` or ``"B"``, or None where it is not set."""
        ...

    def set_playhead(self, time_ns: int) -> None:
        """Show another time."""
        ...

    def subscribe(self, observer: Observer) -> Callable[[], None]:
        """Call ``observer`` after each change."""
        ...

    def notify(self, *changes: Change) -> None:
        """Tell the observers."""
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Hold notifications back until the block ends."""
        ...


class Playback:
    """Plays the document's scenario: speed, loop, and where the playhead goes next.

    Time runs evenly, or goes from one moment at which anything happens to the next at a pace, so
    that what happens within a millisecond can be watched. It stops where the scenario's conditions
    are fulfilled.

    Lives as long as its document and tells of changes through it (:attr:`Change.PLAYBACK`).
    """

    def __init__(self, document: Played) -> None:
        self._document = document
        self._tenths = 10
        self._rest = 0
        self._playing = False
        self._looping = False
        self._pace: int | None = None
        self._stopped_by: Stop | None = None
        document.subscribe(self._document_changed)

    @property
    def playing(self) -> bool:
        """Whether time runs."""
        return self._playing

    @property
    def speed(self) -> float:
        """Scenario seconds per real second, one of :data:`SPEEDS`."""
        return self._tenths / 10

    @property
    def looping(self) -> bool:
        """Whether playing goes back to the start of :attr:`span_ns` at its end."""
        return self._looping

    @property
    def pace(self) -> int | None:
        """Moments per real second, one of :data:`PACES`; None where time runs evenly."""
        return self._pace

    @property
    def stopped_by(self) -> Stop | None:
        """What playing was stopped by last; None once it plays again."""
        return self._stopped_by

    @property
    def span_ns(self) -> tuple[int, int]:
        """What a loop plays: between markers A and B, or from or to the one that is set."""
        end_ns = self._document.duration_ns
        a_ns, b_ns = self._document.marker("A"), self._document.marker("B")
        low, high = (0 if a_ns is None else a_ns), (end_ns if b_ns is None else b_ns)
        low, high = min(low, high), max(low, high)
        return (low, high) if low < high else (0, end_ns)

    def play(self) -> None:
        """Let time run; from the start again if it is at the end, unless that is recorded."""
        if self._playing:
            return
        low, high = self.span_ns if self._looping else (0, self._document.duration_ns)
        if self._document.playhead_ns >= high and not self._document.tape.is_on:
            self._document.set_playhead(low)
        self._stopped_by = None
        self._set_playing(playing=True)

    def pause(self) -> None:
        """Stop the time."""
        if self._playing:
            self._set_playing(playing=False)

    def toggle(self) -> None:
        """Play or pause."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float) -> None:
        """Play at the one of :data:`SPEEDS` that is nearest to ``speed``."""
        tenths = min(_SPEED_TENTHS, key=lambda known: abs(known - speed * 10))
        if tenths != self._tenths:
            self._tenths = tenths
            self._rest = 0
            self._document.notify(Change.PLAYBACK)

    def faster(self) -> None:
        """Play at the next higher speed, or pace where there is one."""
        self._step_speed(1)

    def slower(self) -> None:
        """Play at the next lower speed, or pace where there is one."""
        self._step_speed(-1)

    def set_pace(self, pace: int | None) -> None:
        """Go from moment to moment, so many a second; None lets time run evenly."""
        if pace != self._pace:
            self._pace = pace
            self._rest = 0
            self._document.notify(Change.PLAYBACK)

    def run_to_stop(self) -> Stop | None:
        """Go to the next stop at once and return it; None, and nothing moves, if there is none."""
        return self._go_to(self._document.stopping.next_stop(self._document.playhead_ns))

    def run_back_to_stop(self) -> Stop | None:
        """Go back to the previous stop at once, which is looked up in the run, and return it."""
        return self._go_to(self._document.stopping.previous_stop(self._document.playhead_ns))

    def _go_to(self, stop: Stop | None) -> Stop | None:
        if stop is not None:
            with self._document.batch():
                self._stop(stop)
        return stop

    def _stop(self, stop: Stop) -> None:
        self._document.set_playhead(stop.time_ns)
        self._stopped_by = stop
        self._set_playing(playing=False)

    def set_looping(self, looping: bool) -> None:
        """Loop, or stop at the end."""
        if looping != self._looping:
            self._looping = looping
            self._document.notify(Change.PLAYBACK)

    def advance(self, elapsed_ns: int) -> None:
        """Move the playhead by ``elapsed_ns`` of real time; nothing happens while paused.

        Time waits as long as it is not known where to stop.
        """
        stopping = self._document.stopping
        if not self._playing or not stopping.is_known:
            return
        before_ns = self._document.playhead_ns
        low, high = self.span_ns
        last_ns = high if self._looping and before_ns <= high else self._document.duration_ns
        after_ns = self._after(before_ns, elapsed_ns)
        with self._document.batch():
            stop = stopping.next_stop(before_ns)
            if stop is not None and stop.time_ns <= min(after_ns, last_ns):
                self._stop(stop)
                return
            if self._looping and before_ns <= high < after_ns:
                after_ns = low + (after_ns - high) % (high - low)
            if self._pace is None:  # from moment to moment there are none beyond the end
                self._document.make_room(after_ns)
            self._document.set_playhead(after_ns)
            if after_ns >= self._document.duration_ns:
                self.pause()

    def _after(self, before_ns: int, elapsed_ns: int) -> int:
        """Return where the playhead goes, which may be beyond the end of the scenario."""
        if self._pace is None:
            step_ns, self._rest = divmod(elapsed_ns * self._tenths + self._rest, 10)
            return before_ns + step_ns
        steps, self._rest = divmod(elapsed_ns * self._pace + self._rest, _SECOND_NS)
        after_ns, document = before_ns, self._document
        for _ in range(steps):
            moment_ns = next_moment(document.run, document.scenario, after_ns)
            if moment_ns is None:
                return max(after_ns, document.duration_ns)
            after_ns = moment_ns
        return after_ns

    def _step_speed(self, steps: int) -> None:
        if self._pace is not None:
            index = PACES.index(self._pace) + steps
            self.set_pace(PACES[min(max(0, index), len(PACES) - 1)])
            return
        index = _SPEED_TENTHS.index(self._tenths) + steps
        self.set_speed(SPEEDS[min(max(0, index), len(SPEEDS) - 1)])

    def _set_playing(self, *, playing: bool) -> None:
        self._playing = playing
        self._rest = 0
        self._document.notify(Change.PLAYBACK)

    def _document_changed(self, changes: frozenset[Change]) -> None:
        """Pause when another scenario is opened."""
        if Change.OPENED in changes:
            self.pause()
