"""The Run: what KVM did with a scenario under a policy, in columns; and its state at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.sim.growing import ZapRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.policy import Policy
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.cost_model import CostModel
    from mtrrviz.sim.lock_costs import LockCosts, LockPlan
    from mtrrviz.sim.replay import Snapshots
    from mtrrviz.sim.tables import LeafTable, ZapTable


@dataclass(frozen=True, eq=False)
class Run:
    """A finished simulation. Never changes; an edit makes another Run.

    ``plan`` says who meets whom at mmu_lock, ``at_lock`` what that costs.
    """

    scenario: Scenario
    policy: Policy
    costs: CostModel
    leaves: LeafTable
    zaps: ZapTable
    snapshots: Snapshots
    plan: LockPlan
    at_lock: LockCosts

    def at(self, time_ns: int) -> State:
        """Return the state at ``time_ns``, after the events and touches of that time."""
        return State(self, time_ns)

    def with_costs(self, costs: CostModel) -> Run:
        """Return this run at other constants; what was replayed is shared."""
        if costs == self.costs:
            return self
        at_lock = self.plan.costs(costs.lock)
        zaps = replace(self.zaps, cycles=at_lock.cycles)
        return replace(self, costs=costs, zaps=zaps, at_lock=at_lock)

    def zap_rows(self, before_ns: int) -> list[ZapRow]:
        """Return the zaps before ``before_ns`` as rows, to go on from."""
        zaps = self.zaps
        count = int(np.searchsorted(zaps.time_ns, np.int64(before_ns)))
        columns = (zaps.time_ns, zaps.vcpu, zaps.event, zaps.cause)
        facts = (column[:count].tolist() for column in columns)
        dropped = zaps.leaves_dropped[:count].tolist()
        return [ZapRow(*row) for row in zip(*facts, zaps.ranges[:count], dropped, strict=True)]


class State:
    """A run at one time. Cheap to make: each part is worked out on first use."""

    def __init__(self, run: Run, time_ns: int) -> None:
        self.run = run
        self.time_ns = time_ns

    @cached_property
    def machine(self) -> Machine:
        """The registers of every vCPU and the VM's settings. To read, never to write."""
        events = self.run.scenario.events
        return self.run.snapshots.before(events, self.run.scenario.events_until(self.time_ns))

    @cached_property
    def live_rows(self) -> NDArray[np.intp]:
        """Rows of :attr:`Run.leaves` that are there now."""
        return self.run.leaves.live_rows(self.time_ns)

    def leaf_row(self, gfn: int) -> int | None:
        """Return the row of the leaf that covers ``gfn`` now, or None."""
        rows = self.run.leaves.rows_at(gfn)
        alive = (self.run.leaves.born_ns[rows] <= self.time_ns) & (
            self.run.leaves.died_ns[rows] > self.time_ns
        )
        return int(rows[alive][-1]) if alive.any() else None
