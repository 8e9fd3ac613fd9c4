"""The Run: what KVM did with a scenario under a policy, in columns; and its state at a time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.core.units import format_time_ns
from mtrrviz.core.wording.html_table import html_table
from mtrrviz.core.wording.words import plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.cost_model import CostModel
    from mtrrviz.sim.lock_costs import LockCosts, LockPlan
    from mtrrviz.sim.replay import Snapshots
    from mtrrviz.sim.tables import LeafTable, ZapTable


#: About what a zap takes, also where it is priced, and a vCPU's registers in a snapshot.
_ZAP_BYTES = 120
_VCPU_BYTES = 600


class Run(Record, eq=False, weakref=True):
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

    def __repr__(self) -> str:
        """Return what ran under what, and how much came of it."""
        zaps, leaves = plural(len(self.zaps), "zap"), plural(len(self.leaves), "leaf", "leaves")
        return f"<Run {self.scenario.name!r} under {self.policy.id}: {zaps}, {leaves}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows of it."""
        rows = (
            ("zaps", f"{len(self.zaps):,}"),
            (f"zap Mcycles ({self.costs.label})", f"{float(self.zaps.cycles.sum()) / 1e6:,.2f}"),
            ("contended zaps", f"{int(self.zaps.contended.sum()):,}"),
            ("faults", f"{len(self.leaves):,}"),
            ("refaults", f"{int(self.leaves.refault.sum()):,}"),
        )
        return html_table((), rows, f"{self.scenario.title} under {self.policy.id}")

    def at(self, time_ns: int) -> State:
        """Return the state at ``time_ns``, after the events and touches of that time."""
        return State(self, time_ns)

    @property
    def size_bytes(self) -> int:
        """About how much memory the run takes that its scenario does not."""
        machines = len(self.snapshots.machines) * self.scenario.machine.vcpus
        return self.leaves.size_bytes + len(self.zaps) * _ZAP_BYTES + machines * _VCPU_BYTES

    def with_costs(self, costs: CostModel) -> Run:
        """Return this run at other constants; what was replayed is shared."""
        if costs == self.costs:
            return self
        at_lock = self.plan.costs(costs.lock)
        zaps = replace(self.zaps, cycles=at_lock.cycles)
        return replace(self, costs=costs, zaps=zaps, at_lock=at_lock)


class State:
    """A run at one time. Cheap to make: each part is worked out on first use."""

    def __init__(self, run: Run, time_ns: int) -> None:
        self.run = run
        self.time_ns = time_ns

    def __repr__(self) -> str:
        """Return when of which run."""
        return f"<State at {format_time_ns(self.time_ns)} of {self.run!r}>"

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
