"""What events and touches must be to happen on a machine: the one source of what is refused.

Whoever builds a scenario asks here: the constructor, which names places as code has them, and the
loader of files, which names keys and lines.
"""

from __future__ import annotations

from itertools import pairwise
from operator import le
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtrrviz.core.machine import NEEDS_SELF_SNOOP
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.scenario_error import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.observed import ObservedLeaves
    from mtrrviz.scenario.touches import Sweep, Touches


class HappeningProblem(NamedTuple):
    """What is wrong with one row: its number, the field as code calls it, and what would be right.

    ``value`` is the wrong one.
    """

    row: int
    field: str
    problem: str
    expected: str
    value: object = None


def no_event(events: Sequence[object]) -> HappeningProblem | None:
    """Return the first thing that is none, None if all are events."""
    if set(map(type, events)) <= {Event}:
        return None
    index, other = next((i, e) for i, e in enumerate(events) if type(e) is not Event)
    return HappeningProblem(index, "", f"{shown(other)} is no event", "an Event", other)


def event_problem(events: EventList, machine: MachineSpec) -> HappeningProblem | None:
    """Return the first thing that is wrong with events, None if they can happen."""
    found = None if events.is_surely_ordered else _event_order_problem(events.time_ns)
    if found is None and events.vcpu_bound >= machine.vcpus:
        found = _event_vcpu_problem(events.vcpu, machine)
    return found if found or machine.self_snoop else _quirk_problem(events)


def _event_order_problem(times_ns: NDArray[np.int64]) -> HappeningProblem | None:
    for back in np.flatnonzero(times_ns[1:] < times_ns[:-1]).tolist():
        return _goes_back(back + 1, times_ns[back : back + 2].tolist(), "time_ns")
    return None


def _event_vcpu_problem(vcpus: NDArray[np.int16], machine: MachineSpec) -> HappeningProblem | None:
    for row in np.flatnonzero(vcpus >= machine.vcpus).tolist():
        return _no_vcpu(row, int(vcpus[row]), machine)
    return None


def order_problem(times_ns: list[int], field: str) -> HappeningProblem | None:
    """Return the first time that goes back, None if none does."""
    if all(map(le, times_ns, times_ns[1:])):
        return None
    index = next(i for i, (before, after) in enumerate(pairwise(times_ns), 1) if after < before)
    return _goes_back(index, times_ns[index - 1 : index + 1], field)


def _goes_back(row: int, times_ns: list[int], field: str) -> HappeningProblem:
    before_ns, after_ns = times_ns
    problem = f"{after_ns / 1e9} s comes after {before_ns / 1e9} s"
    return HappeningProblem(row, field, problem, "times that do not go back", after_ns)


def sweep_problem(sweeps: Sequence[Sweep], machine: MachineSpec) -> HappeningProblem | None:
    """Return the first thing that is wrong with hand-written touches, None if all can happen."""
    end_gfn = 1 << (machine.maxphyaddr - PAGE_SHIFT)
    for index, sweep in enumerate(sweeps):
        if sweep.first_gfn + sweep.pages > end_gfn:
            problem = f"gfn {sweep.first_gfn + sweep.pages - 1:#x} is touched"
            expected = f"addresses of {machine.maxphyaddr} bits"
            return HappeningProblem(index, "first_gfn", problem, expected, sweep.first_gfn)
    return _vcpu_problem(sweeps, machine)


def column_problem(rows: Touches | ObservedLeaves, machine: MachineSpec) -> HappeningProblem | None:
    """Return what is wrong with recorded rows: a vCPU or a frame that the machine has not."""
    if not len(rows):
        return None
    vcpu, gfn = int(rows.vcpu.max()), int(rows.gfn.max())
    if vcpu >= machine.vcpus:
        row = int(rows.vcpu.argmax())
        expected = f"vCPUs below {machine.vcpus}"
        return HappeningProblem(row, "vcpu", f"it names vCPU {vcpu}", expected, vcpu)
    if gfn >> (machine.maxphyaddr - PAGE_SHIFT):
        row = int(rows.gfn.argmax())
        expected = f"addresses of {machine.maxphyaddr} bits"
        return HappeningProblem(row, "gfn", f"it names gfn {gfn:#x}", expected, gfn)
    return None


def _vcpu_problem(rows: Sequence[Sweep], machine: MachineSpec) -> HappeningProblem | None:
    """Return the first row of a vCPU that the machine has not."""
    found = (i for i, row in enumerate(rows) if row.vcpu >= machine.vcpus)
    index = next(found, None)
    return None if index is None else _no_vcpu(index, rows[index].vcpu, machine)


def _no_vcpu(row: int, vcpu: int, machine: MachineSpec) -> HappeningProblem:
    expected = f"a vCPU below {machine.vcpus}"
    return HappeningProblem(row, "vcpu", f"there is no vCPU {vcpu}", expected, vcpu)


def _quirk_problem(events: EventList) -> HappeningProblem | None:
    """Return the first event that disables a quirk which KVM on this host keeps."""
    kind = EventKind.DISABLE_IGNORE_GUEST_PAT
    for row in events.rows_of({kind}):
        expected = "machine.self_snoop = true"
        return HappeningProblem(row, "kind", NEEDS_SELF_SNOOP, expected, kind)
    return None
