"""When each request for a zap comes: in a burst of woken vCPUs, or alone, and after what.

All of them are looked up at once in the columns of the events; see :mod:`mtrrviz.sim.lock_costs`
for what the answers mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.registers import CR0_CD
from mtrrviz.core.record import Record
from mtrrviz.core.sorting import distinct
from mtrrviz.scenario.event_columns import KIND_CODES, kind_flags
from mtrrviz.scenario.events import MSR_KINDS, VM_KINDS, EventKind
from mtrrviz.scenario.model import Aps, Scenario
from mtrrviz.sim.alike import Alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.event_list import EventList

    Rows = NDArray[np.intp]
    """Indices of the events that ask for zaps, ascending."""


class Occasion(Record):
    """When a request comes: in a burst (its number), or alone with so many in the guest.

    ``in_guest`` is False for requests of the VMM, whose vCPUs are all stopped.
    """

    burst: int | None
    faulters: int = 0
    in_guest: bool = True


_BY_VMM = Occasion(None, in_guest=False)
_ALONE = Occasion(None)
_OF_VM = kind_flags(VM_KINDS)
_OF_VMM = kind_flags(VM_KINDS | {EventKind.VMM_WRMSR})
_WRITES_MSR = kind_flags(MSR_KINDS)
_INIT, _MOV_CR0 = KIND_CODES[EventKind.INIT], KIND_CODES[EventKind.MOV_CR0]


def by_vmm(events: EventList, rows: Rows) -> NDArray[np.bool_]:
    """Return which events are the VMM's own doing, with the guest stopped."""
    return _OF_VMM[events.kind[rows]]


def occasions_of(scenario: Scenario, rows: Rows) -> Alike[Occasion]:
    """Return when each of the events at ``rows`` happens."""
    events = scenario.events
    values = [_ALONE, _BY_VMM]
    found = np.zeros(len(rows), np.intp)
    aps = np.array([None, *(phase.aps for phase in scenario.phases)], object)
    starts = np.array([phase.start_ns for phase in scenario.phases], np.int64)
    in_phase = aps[np.searchsorted(starts, events.time_ns[rows], "right")]
    serial, at_once = in_phase == Aps.SERIALISED, in_phase == Aps.CONCURRENT
    if serial.any() or at_once.any():
        inits, starting = _start_ups(events, rows)
        clears_cd = (events.value[rows] & np.uint64(CR0_CD)) == 0
        clears = starting & (events.kind[rows] == _MOV_CR0) & clears_cd
        found[serial & ~clears] = len(values)
        values.append(Occasion(None, scenario.machine.vcpus - 1))
        # The BSP acts while the APs sleep. APs were woken together if they had as many INITs.
        together = (at_once | serial & clears) & (events.vcpu[rows] != 0)
        for number in distinct(inits[together]).tolist():
            found[together & (inits == number)] = len(values)
            values.append(Occasion(number))
    found[by_vmm(events, rows)] = values.index(_BY_VMM)
    return Alike(values, found)


def _start_ups(events: EventList, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return how many INITs the vCPU of each event had, and if it wrote no MSR since the last."""
    inits, starting = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
    vcpu, kind = events.vcpu, events.kind
    of_init, of_write = np.flatnonzero(kind == _INIT), np.flatnonzero(_WRITES_MSR[kind])
    for one in set(vcpu[rows].tolist()):
        places = np.flatnonzero(vcpu[rows] == one)
        own_inits = of_init[vcpu[of_init] == one]
        own_writes = of_write[vcpu[of_write] == one]
        count = np.searchsorted(own_inits, rows[places], "right")
        last_init = np.append(-1, own_inits)[count]
        last_write = np.append(-1, own_writes)[np.searchsorted(own_writes, rows[places])]
        inits[places] = count
        starting[places] = last_init > last_write
    return inits, starting


def traps_before(events: EventList, rows: Rows) -> tuple[int, ...]:
    """Return how many register writes each event's vCPU made since INIT or its last such event.

    The event's own is among them; what concerns the VM traps no vCPU.
    """
    if not len(rows):
        return ()
    own = np.flatnonzero(~_OF_VM[events.kind])
    order = own[np.argsort(events.vcpu[own], kind="stable")]
    is_init = events.kind[order] == _INIT
    asked = np.zeros(len(events), np.bool_)
    asked[rows] = True
    counts = np.cumsum(~is_init)
    # Counting starts anew after INIT, after a request, and with the first event of a vCPU.
    places = np.arange(1, len(order) + 1)
    ends = np.append(0, np.where(is_init | asked[order], places, 0)[:-1])
    begins = np.append(True, np.diff(events.vcpu[order]) != 0)[: len(order)]
    since = np.maximum.accumulate(np.maximum(ends, np.where(begins, places - 1, 0)))
    traps = np.zeros(len(events), np.int64)
    traps[order] = counts - np.append(0, counts)[since]
    traps[order[is_init]] = 0
    return tuple(traps[rows].tolist())
