"""The tape: whether what the user does to the machine is recorded, and at which times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import format_time_ns
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.session.changes import Observer
    from mtrrviz.session.edits import Edit

#: Time between two edits that are recorded while paused, at first.
DEFAULT_STEP_NS = 1_000_000
_SECOND_NS = 1_000_000_000


class Taped(Protocol):
    """The part of a document that the tape needs."""

    def subscribe(self, observer: Observer) -> Callable[[], None]:
        """Call ``observer`` after each change."""
        ...

    def notify(self, *changes: Change) -> None:
        """Tell the observers."""
        ...


class Tape:
    """Decides when what the user does happens: a switch, and the step of the clock while paused.

    Off, edits happen at the playhead, which stays there. On, the clock goes on: while the scenario
    plays it runs, also beyond the end of the scenario; while paused it steps, so that what is
    done next happens a step after what was done before.
    """

    def __init__(self, document: Taped) -> None:
        self._document = document
        self._on = False
        self._step_ns = DEFAULT_STEP_NS
        document.subscribe(self._document_changed)

    @property
    def is_on(self) -> bool:
        """Whether what is done is recorded."""
        return self._on

    @property
    def step_ns(self) -> int:
        """Time between two edits that are recorded while paused, nanoseconds."""
        return self._step_ns

    @property
    def words(self) -> str:
        """What the switch does now, for the status bar."""
        if not self._on:
            return "Recording is off: edits happen at the playhead"
        step = format_time_ns(self._step_ns)
        return f"Recording: edits happen as time runs, or {step} apart while paused"

    def switch(self, *, on: bool) -> None:
        """Record from now on, or no longer."""
        if on != self._on:
            self._on = on
            self._document.notify(Change.PLAYBACK)

    def set_step(self, step_ns: int) -> None:
        """Let edits be this far apart while paused; MtrrvizError unless it is above 0."""
        if step_ns <= 0:
            raise MtrrvizError("the step of the recording must be longer than 0 s")
        self._step_ns = step_ns
        self._document.notify(Change.PLAYBACK)

    def taken(self, edit: Edit, *, playing: bool) -> Edit:
        """Return the edit as it is recorded: the playhead is a step further after it.

        Edits that do nothing to the machine, and all while the tape is off, stay as they are.
        """
        if not self._on or playing or not edit.acts or edit.until_ns is None:
            return edit
        next_ns = edit.until_ns + self._step_ns
        return replace(edit, scenario=edit.scenario.lasting(next_ns), until_ns=next_ns)

    def room_ns(self, time_ns: int, speed: float) -> int:
        """Return how long the scenario must last for the running clock to go beyond its end.

        One real second more than needed, so that the scenario is lengthened about once a second.
        """
        return time_ns + max(_SECOND_NS, round(speed * _SECOND_NS))

    def _document_changed(self, changes: frozenset[Change]) -> None:
        """Switch off when another scenario is opened."""
        if Change.OPENED in changes:
            self.switch(on=False)
