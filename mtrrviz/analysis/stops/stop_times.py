"""The times at which a run fulfils a condition, found over the whole run at once.

So playing on to the next one, back to the one before, and counting them all are look-ups. A time
is that of an event or a touch: at it, what was waited for has just happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.stops.event_stops import (
    cycles_exceeding,
    notes,
    phase_starts,
    writes,
    zaps_exceeding,
)
from mtrrviz.analysis.stops.leaf_stops import faults, leaf_type_changes, zaps
from mtrrviz.analysis.stops.machine_stops import fault_type_changes, vcpus_differing
from mtrrviz.analysis.stops.stale_stops import leaves_turning_stale
from mtrrviz.core.sorting import distinct
from mtrrviz.scenario.stop_condition import StopCondition, StopKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.sim.run import Run

_FINDERS: dict[StopKind, Callable[[StopCondition, Run], Iterable[int] | NDArray[np.int64]]] = {
    StopKind.WRITE: writes,
    StopKind.TYPE: lambda stop, run: (
        leaf_type_changes(stop, run) if stop.vcpu is None else fault_type_changes(stop, run)
    ),
    StopKind.FAULT: faults,
    StopKind.ZAP: zaps,
    StopKind.STALE: leaves_turning_stale,
    StopKind.VCPUS_DIFFER: vcpus_differing,
    StopKind.ZAPS_EXCEED: zaps_exceeding,
    StopKind.CYCLES_EXCEED: cycles_exceeding,
    StopKind.PHASE: phase_starts,
    StopKind.NOTE: notes,
}


def needs_comparison(stop: StopCondition) -> bool:
    """Whether a condition is about two runs."""
    return stop.kind is StopKind.POLICIES_DIFFER


def stop_times(
    stop: StopCondition, run: Run, comparison: Comparison | None = None
) -> NDArray[np.int64]:
    """Return the times at which ``run`` fulfils a condition, int64 nanoseconds, ascending.

    ``comparison`` is of the run with that of the policy compared with; without it, conditions
    about two runs are never fulfilled. Whether the condition is switched on has no say.
    """
    if not needs_comparison(stop):
        found = _FINDERS[stop.kind](stop, run)
        return distinct(np.fromiter(found, np.int64))
    return np.zeros(0, np.int64) if comparison is None else _beginnings(comparison)


def _beginnings(comparison: Comparison) -> NDArray[np.int64]:
    """Return the times at which the EPTs of two runs begin to differ."""
    history = comparison.history
    differ = history.differing_pages > 0
    before = np.append(np.False_, differ[:-1])
    return history.times_ns[differ & ~before]
