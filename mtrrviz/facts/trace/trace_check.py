"""Real EPT entries against the model's: which leaves that a trace shows a run would not make.

The real type and IPAT stand in bits 5:3 and 6 of the entry (kvm_tdp_mmu_spte_changed). Where they
differ from the model's, either an assumption is wrong (non-coherent DMA, the policy, registers
written before the trace began) or the model is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.record import Record
from mtrrviz.facts.kept import kept
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.observed import ObservedLeaves
    from mtrrviz.sim.run import Run

    Rows = NDArray[np.intp]
    Bits = NDArray[np.uint8]


class TraceCheck(Record, eq=False):
    """All observed leaves with what the model says of them.

    ``model_bits`` uint8, type and IPAT of each as the model makes it; ``rows`` intp, ascending:
    those that differ.
    """

    observed: ObservedLeaves
    model_bits: Bits
    rows: Rows

    @property
    def compared(self) -> int:
        """How many leaves were compared."""
        return len(self.observed)

    @property
    def mismatch_count(self) -> int:
        """How many of them differ."""
        return len(self.rows)

    def standing(self, time_ns: int) -> Rows:
        """Return the rows of differing leaves that are there at ``time_ns``, as the trace shows."""
        until = int(np.searchsorted(self.observed.born_ns, np.int64(time_ns), "right"))
        rows = self.rows[: int(np.searchsorted(self.rows, until))]
        return rows[self.observed.died_ns[rows] > np.int64(time_ns)]


@kept()
def trace_check(run: Run) -> TraceCheck:
    """Return where the scenario's observed leaves differ from the model's; empty without any."""
    return check_trace(run.scenario, run.policy)


def check_trace(scenario: Scenario, policy: Policy) -> TraceCheck:
    """Compare every observed leaf of a scenario with what the model makes at its birth.

    The cost follows the leaves and events, whatever the guest's size.
    """
    observed = scenario.observed
    model = np.zeros(len(observed), np.uint8)
    if len(observed):
        machine = new_machine(scenario.machine, policy)
        for start, end in _stretches(scenario, machine):
            model[start:end] = leaf_bits(machine, observed, np.arange(start, end))
        bar_bits = ept_bits(*policy.mmio_leaf())
        model[_in_bars(scenario.machine, observed, bar_bits)] = bar_bits
    return TraceCheck(observed, model, np.flatnonzero(model != observed.bits))


def _stretches(scenario: Scenario, machine: Machine) -> Iterator[tuple[int, int]]:
    """Yield rows [start, end) between which no event happens, applying the events in between.

    An event and a leaf of the same time: the event is first, as KVM updates the register before
    a fault can see it.
    """
    observed, row = scenario.observed, 0
    times = scenario.events.time_ns
    borders = np.searchsorted(observed.born_ns, times, "left")
    for event, border in zip(scenario.events, borders.tolist(), strict=True):
        if border > row:
            yield row, border
            row = border
        if row == len(observed):
            return
        apply_event(machine, event)
    if row < len(observed):
        yield row, len(observed)


def leaf_bits(machine: Machine, observed: ObservedLeaves, rows: Rows) -> Bits:
    """Return type and IPAT bits, uint8, that ``machine`` gives the leaves of ``rows``."""
    bits = np.empty(len(rows), np.uint8)
    vcpu = np.minimum(observed.vcpu[rows], machine.vcpus - 1)
    gfn = observed.gfn[rows]
    for number in np.unique(vcpu).tolist():
        of_vcpu = np.flatnonzero(vcpu == number)
        bits[of_vcpu], _ = machine.fault_map(number).leaves_at(gfn[of_vcpu])
    return bits


def _in_bars(machine: MachineSpec, observed: ObservedLeaves, bar_bits: int) -> NDArray[np.bool_]:
    """Return which leaves map the BAR of a passed-through device.

    Those in regions that say so, and those that look like one where no memory slot is known: a
    memory map from inside the guest does not tell whose a BAR is.
    """
    in_slot = _within(observed.gfn, ((slot.first_gfn, slot.end_gfn) for slot in machine.slots))
    in_bar = _within(observed.gfn, machine.passthrough_gfns)
    return in_bar | (~in_slot & (observed.bits == bar_bits))


def _within(gfn: NDArray[np.uint64], ranges: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    """Return which frames lie in any of the ranges [first, end)."""
    inside = np.zeros(len(gfn), np.bool_)
    for first, end in ranges:
        inside |= (gfn >= np.uint64(first)) & (gfn < np.uint64(end))
    return inside
