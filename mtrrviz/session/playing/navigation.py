"""Where the playhead can jump to: events, faults, zaps, phases. Functions of a run and a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.scenario.event_columns import kind_flags
from mtrrviz.scenario.events import VM_KINDS, EventKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run


_OF_VM = kind_flags(VM_KINDS)


class JumpFilter(Record):
    """Which events to stop at: of some kinds (None: any), of one vCPU (None: any), only zaps.

    With ``zaps_only`` an event counts if KVM zapped for it; that needs a run.
    """

    kinds: frozenset[EventKind] | None = None
    vcpu: int | None = None
    zaps_only: bool = False

    def fitting(self, events: EventList) -> NDArray[np.bool_]:
        """Return which events are of the kinds and the vCPU wanted."""
        fits = np.ones(len(events), np.bool_)
        if self.kinds is not None:
            fits &= kind_flags(self.kinds)[events.kind]
        if self.vcpu is not None:
            fits &= (events.vcpu == self.vcpu) & ~_OF_VM[events.kind]
        return fits


#: Every event.
ANY = JumpFilter()
#: Every event for which KVM zapped.
ZAPS = JumpFilter(zaps_only=True)


def next_event(
    run: Run | None, scenario: Scenario, time_ns: int, wanted: JumpFilter = ANY
) -> int | None:
    """Return the first time after ``time_ns`` at which a wanted event happens, or None."""
    times = stop_times(run, scenario, wanted)
    index = int(np.searchsorted(times, np.int64(time_ns), "right"))
    return int(times[index]) if index < len(times) else None


def previous_event(
    run: Run | None, scenario: Scenario, time_ns: int, wanted: JumpFilter = ANY
) -> int | None:
    """Return the last time before ``time_ns`` at which a wanted event happens, or None."""
    times = stop_times(run, scenario, wanted)
    index = int(np.searchsorted(times, np.int64(time_ns)))
    return int(times[index - 1]) if index else None


def stop_times(run: Run | None, scenario: Scenario, wanted: JumpFilter = ANY) -> NDArray[np.int64]:
    """Return the times of the wanted events, int64, ascending (equal ones may repeat)."""
    if wanted == ANY:
        return scenario.events.time_ns
    if not wanted.zaps_only:
        return scenario.events.time_ns[wanted.fitting(scenario.events)]
    if run is None:
        return np.empty(0, np.int64)
    return run.zaps.time_ns[wanted.fitting(run.scenario.events)[run.zaps.event]]


def next_moment(run: Run | None, scenario: Scenario, time_ns: int) -> int | None:
    """Return the first time after ``time_ns`` of an event or, once there is a run, a fault."""
    event_ns = next_event(run, scenario, time_ns)
    if run is None:
        return event_ns
    born_ns = run.leaves.born_ns
    row = int(np.searchsorted(born_ns, np.int64(time_ns), "right"))
    fault_ns = int(born_ns[row]) if row < len(born_ns) else None
    return min((ns for ns in (event_ns, fault_ns) if ns is not None), default=None)


def previous_moment(run: Run | None, scenario: Scenario, time_ns: int) -> int | None:
    """Return the last time before ``time_ns`` of an event or, once there is a run, a fault."""
    event_ns = previous_event(run, scenario, time_ns)
    if run is None:
        return event_ns
    row = int(np.searchsorted(run.leaves.born_ns, np.int64(time_ns)))
    fault_ns = int(run.leaves.born_ns[row - 1]) if row else None
    return max((ns for ns in (event_ns, fault_ns) if ns is not None), default=None)


def next_phase(scenario: Scenario, time_ns: int) -> int | None:
    """Return when the next phase starts, or None in the last."""
    return next((phase.start_ns for phase in scenario.phases if phase.start_ns > time_ns), None)


def previous_phase(scenario: Scenario, time_ns: int) -> int | None:
    """Return when the phase started that was going on just before ``time_ns``, or None."""
    earlier = [phase.start_ns for phase in scenario.phases if phase.start_ns < time_ns]
    return earlier[-1] if earlier else None
