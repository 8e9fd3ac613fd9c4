"""The scenario: a machine, its events and touches, as one immutable value.

Every edit makes a new scenario that shares everything it did not change, so undo is keeping
the old one and "modified" is "not the one that was saved".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.observed import ObservedLeaves, none_observed
from mtrrviz.scenario.touches import Sweep, Touches, expand_sweep, merge_touches, no_touches
from mtrrviz.scenario.view import ANY_VIEW, View

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.bookmarks import Bookmark
    from mtrrviz.scenario.complaints import KernelComplaint
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.stop_condition import StopCondition


class Aps(StrEnum):
    """How the application processors act in a phase; decides which zaps contend."""

    NONE = "none"
    CONCURRENT = "concurrent"
    SERIALISED = "serialised"


@dataclass(frozen=True, slots=True)
class Phase:
    """A named stretch of the scenario, from ``start_ns`` to the next phase."""

    start_ns: int
    name: str
    aps: Aps = Aps.NONE
    text: str = ""


@dataclass(frozen=True)
class Recording:
    """Which data files a scenario came with, so that saving can refer to them again.

    Names are plain file names in ``directory``. ``events`` is None once an event was edited:
    from then on the events are the scenario's own. ``duration_s`` is None when the recording
    plays in the modelled boot time, else the seconds it plays in.
    """

    directory: Path
    touches: str | None = None
    events: str | None = None
    phases: str | None = None
    observed: str | None = None
    duration_s: float | None = None

    def without_events(self) -> Recording | None:
        """Return the recording without its events, which the scenario now has itself.

        None without touches and observed leaves: then the phases are the scenario's own as well.
        """
        return replace(self, events=None) if self._has_columns else None

    def without_phases(self) -> Recording | None:
        """Return what is left once the phases are the scenario's own."""
        has_more = self._has_columns or self.events is not None
        return replace(self, phases=None) if has_more else None

    @property
    def _has_columns(self) -> bool:
        return self.touches is not None or self.observed is not None


@dataclass(frozen=True, eq=False)
class Scenario:
    """A machine and what happens to it, in scenario time.

    ``events`` are in the order in which they happen; at equal times the order of the tuple counts.
    ``recorded`` are the touches of a recording, ``sweeps`` the hand-written ones. ``observed`` is
    what a trace shows of the real EPT, to check runs against; empty in most scenarios.
    ``complaints`` are the kernel's own, of a machine that was imported. ``bookmarks`` are by time,
    ``stops`` as their author listed them.
    ``duration_is_modelled`` says that ``duration_ns`` is what the model gives a boot of this
    size without zaps; otherwise it was recorded or written down.
    """

    name: str
    title: str
    machine: MachineSpec
    events: tuple[Event, ...] = ()
    phases: tuple[Phase, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    recorded: Touches = field(default_factory=no_touches)
    observed: ObservedLeaves = field(default_factory=none_observed)
    recording: Recording | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    duration_ns: int = 0
    duration_is_modelled: bool = False
    view: View = ANY_VIEW
    complaints: tuple[KernelComplaint, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    stops: tuple[StopCondition, ...] = ()

    @cached_property
    def touches(self) -> Touches:
        """All touches, recorded and hand-written, by time."""
        return _all_touches(self.recorded, self.sweeps)

    @cached_property
    def event_times_ns(self) -> list[int]:
        """Times of the events, ascending."""
        return [event.time_ns for event in self.events]

    def first_event_at(self, time_ns: int) -> int:
        """Return the index of the first event at or after ``time_ns``."""
        return bisect_left(self.event_times_ns, time_ns)

    def events_until(self, time_ns: int) -> int:
        """Return how many events have happened at ``time_ns``, those at that time included."""
        return bisect_right(self.event_times_ns, time_ns)

    def phase_at(self, time_ns: int) -> Phase | None:
        """Return the phase that ``time_ns`` falls into, or None before the first."""
        index = bisect_right([phase.start_ns for phase in self.phases], time_ns)
        return self.phases[index - 1] if index else None

    def inserting(self, event: Event) -> Scenario:
        """Return the scenario with ``event`` after all events of its time.

        A user's write of the same register by the same vCPU at the same time is replaced, so
        that typing a value twice leaves one event.
        """
        end = self.events_until(event.time_ns)
        start = self.first_event_at(event.time_ns)
        kept = [
            e for e in self.events[start:end] if not (e.origin == USER and e.same_target(event))
        ]
        return self.with_events((*self.events[:start], *kept, event, *self.events[end:]))

    def with_events(self, events: tuple[Event, ...]) -> Scenario:
        """Return the scenario with other events, which are in the order in which they happen.

        A recording's event file no longer applies.
        """
        recording = self.recording and self.recording.without_events()
        changed = replace(self, events=events, recording=recording)
        return changed.lasting(max((event.time_ns for event in events[-1:]), default=0))

    def with_sweeps(self, sweeps: tuple[Sweep, ...]) -> Scenario:
        """Return the scenario with other hand-written touches; recorded ones stay."""
        ends_ns = (sweep.time_ns + sweep.lasts_ns for sweep in sweeps)
        return replace(self, sweeps=sweeps).lasting(max(ends_ns, default=0))

    def with_phases(self, phases: tuple[Phase, ...]) -> Scenario:
        """Return the scenario with other phases, by time; a recording's file no longer applies."""
        recording = self.recording and self.recording.without_phases()
        changed = replace(self, phases=phases, recording=recording)
        return changed.lasting(max((phase.start_ns for phase in phases[-1:]), default=0))

    def lasting(self, time_ns: int) -> Scenario:
        """Return the scenario, made longer if it ends before ``time_ns``."""
        if time_ns <= self.duration_ns:
            return self
        return replace(self, duration_ns=time_ns, duration_is_modelled=False)


@lru_cache(maxsize=4)
def _all_touches(recorded: Touches, sweeps: tuple[Sweep, ...]) -> Touches:
    """Merge all touches; edits of one scenario share them, and with them all that is kept of them.

    ``recorded`` counts by identity.
    """
    parts = [recorded] if len(recorded) else []
    return merge_touches([*parts, *(expand_sweep(sweep) for sweep in sweeps)])


#: Origin of events that the user made in the window.
USER = "user"
#: Origin of events that set up the state an imported file shows or leaves open.
IMPORTED = "import"
#: Tag of scenarios made of what a machine printed, which may not tell all.
IMPORTED_TAG = "imported"

__all__ = ["IMPORTED", "IMPORTED_TAG", "USER", "Aps", "EventKind", "Phase", "Recording", "Scenario"]
