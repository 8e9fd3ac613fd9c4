"""Playback: moves the playhead. It knows no clock; whoever has one tells it the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mtrrviz.session.changes import Observer

#: Speeds in tenths of scenario seconds per real second, so that time stays in whole numbers.
_SPEED_TENTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: The speeds that can be chosen: scenario seconds per real second.
SPEEDS = tuple(tenths / 10 for tenths in _SPEED_TENTHS)


class Played(Protocol):
    """What playback asks of a document, which has all of it."""

    @property
    def playhead_ns(self) -> int:
        """The time shown."""
        ...

    @property
    def duration_ns(self) -> int:
        """Length of the scenario."""
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

    Lives as long as its document and tells of changes through it (:attr:`Change.PLAYBACK`).
    """

    def __init__(self, document: Played) -> None:
        self._document = document
        self._tenths = 10
        self._rest = 0
        self._playing = False
        self._looping = False
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
    def span_ns(self) -> tuple[int, int]:
        """What a loop plays: between markers A and B, or from or to the one that is set."""
        end_ns = self._document.duration_ns
        a_ns, b_ns = self._document.marker("A"), self._document.marker("B")
        low, high = (0 if a_ns is None else a_ns), (end_ns if b_ns is None else b_ns)
        low, high = min(low, high), max(low, high)
        return (low, high) if low < high else (0, end_ns)

    def play(self) -> None:
        """Let time run; from the start again if it is at the end."""
        if self._playing:
            return
        low, high = self.span_ns if self._looping else (0, self._document.duration_ns)
        if self._document.playhead_ns >= high:
            self._document.set_playhead(low)
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
        """Play at the next higher speed."""
        self._step_speed(1)

    def slower(self) -> None:
        """Play at the next lower speed."""
        self._step_speed(-1)

    def set_looping(self, looping: bool) -> None:
        """Loop, or stop at the end."""
        if looping != self._looping:
            self._looping = looping
            self._document.notify(Change.PLAYBACK)

    def advance(self, elapsed_ns: int) -> None:
        """Move the playhead by ``elapsed_ns`` of real time; nothing happens while paused."""
        if not self._playing:
            return
        step_ns, self._rest = divmod(elapsed_ns * self._tenths + self._rest, 10)
        before_ns = self._document.playhead_ns
        after_ns = before_ns + step_ns
        low, high = self.span_ns
        if self._looping and before_ns <= high < after_ns:
            after_ns = low + (after_ns - high) % (high - low)
        with self._document.batch():
            self._document.set_playhead(after_ns)
            if after_ns >= self._document.duration_ns:
                self.pause()

    def _step_speed(self, steps: int) -> None:
        index = _SPEED_TENTHS.index(self._tenths) + steps
        self.set_speed(SPEEDS[min(max(0, index), len(SPEEDS) - 1)])

    def _set_playing(self, *, playing: bool) -> None:
        self._playing = playing
        self._rest = 0
        self._document.notify(Change.PLAYBACK)

    def _document_changed(self, changes: frozenset[Change]) -> None:
        """Another scenario starts paused."""
        if Change.OPENED in changes:
            self.pause()
