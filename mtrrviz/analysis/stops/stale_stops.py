"""When leaves become stale: a register changes above them, or they are born that way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.stops.leaf_stops import rows_within
from mtrrviz.analysis.stops.machine_stops import machine_steps
from mtrrviz.facts.expected import expected_for
from mtrrviz.facts.stale import stale_leaves
from mtrrviz.sim.replay import new_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from mtrrviz.facts.expected import Expected
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.sim.run import Run
    from mtrrviz.sim.tables import LeafTable


def leaves_turning_stale(stop: StopCondition, run: Run) -> list[int]:
    """Return when a leaf of the range becomes stale for faults by the vCPU, or by any.

    In the sense of :mod:`mtrrviz.facts.stale`. A leaf that was stale for one vCPU and becomes so
    for another counts again.
    """
    rows = rows_within(run.leaves, stop.gfns)
    vcpus = range(run.scenario.machine.vcpus) if stop.vcpu is None else (stop.vcpu,)
    return [
        time_ns
        for stretches in _stretches(run, vcpus)
        for time_ns in _turning(run.leaves, rows, stretches)
    ]


def _stretches(run: Run, vcpus: Sequence[int]) -> list[list[tuple[int, Expected]]]:
    """Return for each vCPU from when on its faults would get what, from the start on."""
    spec = run.scenario.machine
    start = new_machine(spec, run.policy)
    found = {vcpu: [(0, expected_for(start, vcpu, spec))] for vcpu in vcpus}
    for time_ns, machine in machine_steps(run):
        for vcpu, known in found.items():
            expected = expected_for(machine, vcpu, spec)
            if expected is not known[-1][1]:
                known.append((time_ns, expected))
    return list(found.values())


def _turning(
    leaves: LeafTable, rows: NDArray[np.intp], stretches: list[tuple[int, Expected]]
) -> Iterator[int]:
    """Yield when any of the leaves in ``rows`` becomes stale for one vCPU."""
    born_ns, died_ns = leaves.born_ns[rows], leaves.died_ns[rows]
    was_stale = np.zeros(len(rows), np.bool_)
    ends_ns = [since_ns for since_ns, _ in stretches[1:]] + [np.iinfo(np.int64).max]
    for (since_ns, expected), end_ns in zip(stretches, ends_ns, strict=True):
        there = np.flatnonzero((born_ns < end_ns) & (died_ns > since_ns))
        is_stale = stale_leaves(expected, leaves, rows[there])
        stale = there[is_stale & ~was_stale[there]]
        was_stale[there] = is_stale
        yield from np.maximum(born_ns[stale], since_ns).tolist()
