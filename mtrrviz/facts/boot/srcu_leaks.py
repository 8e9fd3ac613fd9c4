"""The SRCU read locks that a run leaves held, where the policy is the patch as posted.

A fault on RAM looks up its type once; where that walk ends early the lock that it took is not given
back. Found from the leaves when it is asked for, so that other runs cost nothing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.facts.kept import kept
from mtrrviz.sim.pages import page_index
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.sim.pages import PageIndex
    from mtrrviz.sim.run import Run


@kept()
def leak_times(run: Run) -> NDArray[np.int64]:
    """Return when each lock was left held, ns, ascending; none if the policy gives all back."""
    if not run.policy.leaks_srcu:
        return np.zeros(0, np.int64)
    pages = page_index(run.scenario.touches, run.scenario.machine)
    events = run.scenario.events
    machine = new_machine(run.scenario.machine, run.policy)
    happen = np.array([event.time_ns for event in events], np.int64)
    # An event comes before the touches of its time; leaves are in the order of their touches.
    first_touch = np.searchsorted(pages.time_ns, happen)
    bounds = np.searchsorted(run.leaves.touch, first_touch).tolist()
    found: list[NDArray[np.intp]] = []
    for number, (start, end) in enumerate(pairwise([0, *bounds, len(run.leaves)])):
        if start < end:
            found.append(_leaking(machine, pages, run, np.arange(start, end)))
        if number < len(events):
            apply_event(machine, events[number])
    rows = np.concatenate(found) if found else np.zeros(0, np.intp)
    return run.leaves.born_ns[rows]


def _leaking(
    machine: Machine, pages: PageIndex, run: Run, rows: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return which of these leaves were made by a fault that left the lock held."""
    touched = pages.page[run.leaves.touch[rows]]
    gfn, vcpu = pages.gfn[touched], run.leaves.vcpu[rows]
    leaks = np.zeros(len(rows), np.bool_)
    for number in np.flatnonzero(np.bincount(vcpu)).tolist():
        mine = np.flatnonzero(vcpu == number)
        fault_map = machine.fault_map(number)
        leaks[mine] = fault_map.leaks[fault_map.index(gfn[mine])]
    return rows[leaks & ~pages.host_mmio[touched]]
