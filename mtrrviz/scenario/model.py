"""The scenario: a machine, its events and touches, as one immutable value.

Every edit makes a new scenario that shares everything it did not change, so undo is keeping
the old one and "modified" is "not the one that was saved".
"""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, overload

from msgspec import field
from msgspec.structs import force_setattr, replace

from mtrrviz.core.record import Record
from mtrrviz.core.units import format_size
from mtrrviz.core.wording.html_table import html_table
from mtrrviz.core.wording.words import plural
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.happenings_check import (
    HappeningProblem,
    column_problem,
    event_problem,
    no_event,
    order_problem,
    sweep_problem,
)
from mtrrviz.scenario.machine_check import machine_problems
from mtrrviz.scenario.observed import ObservedLeaves, none_observed
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import Sweep, Touches, expand_sweep, merge_touches, no_touches
from mtrrviz.scenario.value_check import LAST_NS, TIME_NS, choice, time_ns, whole
from mtrrviz.scenario.view import ANY_VIEW, View

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mtrrviz.scenario.bookmarks import Bookmark
    from mtrrviz.scenario.complaints import KernelComplaint
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.scenario.vcpu_name import VcpuName


class Aps(StrEnum):
    """How the application processors act in a phase; decides which zaps contend."""

    NONE = "none"
    CONCURRENT = "concurrent"
    SERIALISED = "serialised"


class Phase(Record):
    """A named stretch of the scenario, from ``start_ns`` to the next phase."""

    start_ns: int
    name: str
    aps: Aps = Aps.NONE
    text: str = ""

    def __post_init__(self) -> None:
        # A phase may be a draft that begins before the start; a scenario refuses it.
        start_ns = whole(self.start_ns, "phase.start_ns", LAST_NS, TIME_NS, least=-LAST_NS)
        force_setattr(self, "start_ns", start_ns)
        force_setattr(self, "aps", choice(self.aps, Aps, "phase.aps"))


class Recording(Record):
    """Which data files a scenario came with, so that saving can refer to them again.

    Names are plain file names in ``directory``. ``events`` is None once an event was edited:
    from then on the events are the scenario's own, until they are saved. ``duration_s`` is None
    when the recording plays in the modelled boot time, else the seconds it plays in.
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


if TYPE_CHECKING:

    class _Events:
        """The field of a scenario's events: any may be given, and they are an EventList then."""

        @overload
        def __get__(self, scenario: None, owner: type) -> tuple[Event, ...]: ...
        @overload
        def __get__(self, scenario: Scenario, owner: type) -> EventList: ...
        def __get__(
            self, scenario: Scenario | None, owner: type
        ) -> EventList | tuple[Event, ...]: ...
        def __set__(self, scenario: Scenario, events: Iterable[Event]) -> None: ...


class Scenario(Record, eq=False, dict=True, weakref=True):
    """A machine and what happens to it, in scenario time.

    ``events`` are in the order in which they happen; at equal times the order of the list counts.
    ``recorded`` are the touches of a recording, ``sweeps`` the hand-written ones. ``observed`` is
    what a trace shows of the real EPT, to check runs against; empty in most scenarios.
    ``complaints`` are the kernel's own, of a machine that was imported. ``bookmarks`` are by time,
    ``stops`` as their author listed them.
    ``duration_is_modelled`` says that ``duration_ns`` is what the model gives a boot of this
    size without zaps; otherwise it was recorded or written down. It is never shorter than what
    happens. ScenarioError for a machine that cannot be, and for what cannot happen on it.
    """

    name: str
    title: str
    machine: MachineSpec
    if TYPE_CHECKING:
        events: _Events = _Events()
    else:
        events: EventList = ()
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
    vcpu_names: tuple[VcpuName, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "events", _event_list(self.events))
        for problem in machine_problems(self.machine):
            if not problem.is_possible:
                raise ScenarioError("", f"machine.{problem.field}", problem.message)
        for name in ("phases", "sweeps"):
            if isinstance(getattr(self, name), list):
                force_setattr(self, name, tuple(getattr(self, name)))
        starts_ns = [phase.start_ns for phase in self.phases]
        time_ns(min(starts_ns, default=0), "phases[0].start_ns")
        _refuse("events", event_problem(self.events, self.machine))
        _refuse("sweeps", sweep_problem(self.sweeps, self.machine))
        _refuse("recorded", column_problem(self.recorded, self.machine))
        _refuse("observed", column_problem(self.observed, self.machine))
        _refuse("phases", order_problem(starts_ns, "start_ns"))
        given_ns, end_ns = time_ns(self.duration_ns, "duration_ns"), self._end_ns()
        force_setattr(self, "duration_ns", max(given_ns, end_ns))
        if end_ns > given_ns:
            force_setattr(self, "duration_is_modelled", False)

    def _end_ns(self) -> int:
        """Return when the last thing has happened; phases last to the end."""
        ends_ns = [event.time_ns for event in self.events[-1:]]
        ends_ns += [sweep.time_ns + sweep.lasts_ns for sweep in self.sweeps]
        return max(*ends_ns, self.recorded.end_ns, 0)

    def __repr__(self) -> str:
        """Return its name and how much of everything it has."""
        machine, seconds = self.machine, self.duration_ns / 1e9
        return (
            f"<Scenario {self.name!r}: {plural(machine.vcpus, machine.cpu_word)}, "
            f"{format_size(machine.memory_bytes)}, {plural(len(self.events), 'event')}, "
            f"{plural(len(self.touches), 'touch', 'touches')}, {seconds:.3f} s>"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows of it."""
        rows = (
            ("machine", plural(self.machine.vcpus, self.machine.cpu_word)),
            ("memory", format_size(self.machine.memory_bytes)),
            ("regions", ", ".join(region.words for region in self.machine.regions)),
            ("events", f"{len(self.events):,}"),
            ("touches", f"{len(self.touches):,}"),
            ("phases", ", ".join(phase.name for phase in self.phases)),
            ("duration", f"{self.duration_ns / 1e9:.3f} s"),
        )
        return html_table((), rows, f"{self.title} ({self.name})")

    @cached_property
    def touches(self) -> Touches:
        """All touches, recorded and hand-written, by time."""
        return _all_touches(self.recorded, self.sweeps)

    @cached_property
    def notes(self) -> tuple[Event, ...]:
        """The events that are words for the reader, by time."""
        return tuple(self.events[index] for index in self.events.rows_of({EventKind.NOTE}))

    def first_event_at(self, time_ns: int) -> int:
        """Return the index of the first event at or after ``time_ns``."""
        return self.events.first_at(time_ns)

    def events_until(self, time_ns: int) -> int:
        """Return how many events have happened at ``time_ns``, those at that time included."""
        return self.events.until(time_ns)

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
        return self.with_events(self.events.spliced(start, end, [*kept, event]))

    def with_events(self, events: Iterable[Event]) -> Scenario:
        """Return the scenario with other events, which are in the order in which they happen.

        A recording's event file no longer applies.
        """
        recording = self.recording and self.recording.without_events()
        changed = replace(self, events=events, recording=recording)
        return changed.lasting(max((event.time_ns for event in changed.events[-1:]), default=0))

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


def _event_list(events: Iterable[Event]) -> EventList:
    """Return events as a scenario keeps them; raises ScenarioError if one is no event."""
    if isinstance(events, EventList):
        return events
    given = tuple(events)
    _refuse("events", no_event(given))
    return EventList(given)


def _refuse(table: str, found: HappeningProblem | None) -> None:
    """Raise ScenarioError for a problem of a row, if there is one."""
    if found is not None:
        place = f"{table}[{found.row}]" + (f".{found.field}" if found.field else "")
        raise ScenarioError("", place, found.problem, found.expected, value=found.value)


@lru_cache(maxsize=1)
def _all_touches(recorded: Touches, sweeps: tuple[Sweep, ...]) -> Touches:
    """Merge all touches; edits of one scenario share them, and with them all that is kept of them.

    ``recorded`` counts by identity. The last alone are kept, or closed scenarios would stay.
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
