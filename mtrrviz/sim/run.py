"""The Run: what KVM did with a scenario under a policy, in columns; and its state at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.units import GIB
from mtrrviz.sim.boot_parts import DEFAULT_BOOT, Replayed
from mtrrviz.sim.growing import ZapRow
from mtrrviz.sim.memtype_speed import touches_by_type
from mtrrviz.sim.mismatch_causes import causes_of
from mtrrviz.sim.srcu_leaks import leak_times
from mtrrviz.sim.tables import LeafTable, ZapCause, ZapTable
from mtrrviz.sim.trace_check import TraceCheck, check_trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.policy import Policy
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.cost_model import CostModel
    from mtrrviz.sim.lock_costs import LockCosts, LockPlan
    from mtrrviz.sim.replay import Snapshots


@dataclass(frozen=True)
class Summary:
    """The figures of a run that tables and result strips show.

    ``zap_mcycles``, ``stall_s`` and ``boot_s`` are modelled; the counts come out of the replay.
    ``stall_s`` and ``boot_s`` are always those of the whole run: its length is one figure.
    ``srcu_leaks`` counts read locks left held, 0 but under a policy that does so.
    """

    zap_count: int
    zaps_per_vcpu: tuple[int, ...]
    zaps_by_cause: dict[str, int]
    contended_zaps: int
    leaves_dropped: int
    zap_mcycles: float
    faults: int
    refaults: int
    stall_s: float
    boot_s: float
    srcu_leaks: int


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
        """Return this run at other constants: what was replayed is shared, none of it made anew."""
        if costs == self.costs:
            return self
        at_lock = self.plan.costs(costs.lock)
        zaps = replace(self.zaps, cycles=at_lock.cycles)
        run = replace(self, costs=costs, zaps=zaps, at_lock=at_lock)
        vars(run)["replayed"] = self.replayed  # whatever the constants
        return run

    @cached_property
    def summary(self) -> Summary:
        """The figures of the whole run."""
        return self.summary_until(self.scenario.duration_ns)

    def summary_until(self, time_ns: int) -> Summary:
        """Return the figures up to and at ``time_ns``."""
        count = self.zaps.until(time_ns)
        born = int(np.searchsorted(self.leaves.born_ns, np.int64(time_ns), "right"))
        cycles = float(self.zaps.cycles[:count].sum())
        causes = np.bincount(self.zaps.cause[:count], minlength=len(ZapCause))
        return Summary(
            zap_count=count,
            zaps_per_vcpu=self._zaps_per_vcpu(count),
            zaps_by_cause={cause.words: int(causes[cause]) for cause in ZapCause},
            contended_zaps=int(np.count_nonzero(self.zaps.contended[:count])),
            leaves_dropped=int(self.zaps.leaves_dropped[:count].sum()),
            zap_mcycles=cycles / 1e6,
            faults=born,
            refaults=int(np.count_nonzero(self.leaves.refault[:born])),
            stall_s=self.stall_s,
            boot_s=self.base_s + self.stall_s,
            srcu_leaks=int(np.searchsorted(self._leak_times, np.int64(time_ns), "right")),
        )

    @cached_property
    def _leak_times(self) -> NDArray[np.int64]:
        return leak_times(self)

    @cached_property
    def replayed(self) -> Replayed:
        """What the replay says of the length of the boot, whatever the constants."""
        return Replayed(
            plan=self.plan,
            memory_gib=self.memory_gib,
            refaults=int(np.count_nonzero(self.leaves.refault)),
            slow_touches=touches_by_type(self),
        )

    @cached_property
    def stall_s(self) -> float:
        """Seconds that zaps and what follows from them add to the scenario's time (modelled)."""
        boot = self.costs.boot
        return boot.stall_s(self.replayed.parts(self.at_lock, boot, self.costs.platform))

    @property
    def base_s(self) -> float:
        """Seconds without zaps: the scenario's own, or modelled where the model gave it its length.

        Scenario time itself stays as it is at other constants: events keep their places in it.
        """
        fitted_s = DEFAULT_BOOT.base_boot_s(self.memory_gib)
        if self.scenario.duration_ns != round(fitted_s * 1e9):
            return self.scenario.duration_ns / 1e9
        return self.costs.boot.base_boot_s(self.memory_gib)

    @cached_property
    def trace_check(self) -> TraceCheck:
        """Where the scenario's observed leaves differ from the model's; empty without any."""
        return check_trace(self.scenario, self.policy)

    @cached_property
    def mismatch_causes(self) -> NDArray[np.uint8]:
        """The likely :class:`Cause` of each differing row of :attr:`trace_check`, uint8."""
        return causes_of(self, self.trace_check)

    def _zaps_per_vcpu(self, count: int) -> tuple[int, ...]:
        vcpus = self.zaps.vcpu[:count]
        counts = np.bincount(vcpus[vcpus >= 0], minlength=self.scenario.machine.vcpus)
        return tuple(int(number) for number in counts)

    @property
    def memory_gib(self) -> float:
        """The guest's RAM in GiB."""
        return self.scenario.machine.memory_bytes / GIB

    def zap_rows(self, before_ns: int) -> list[ZapRow]:
        """Return the zaps before ``before_ns`` as rows, to go on from."""
        zaps = self.zaps
        count = int(np.searchsorted(zaps.time_ns, np.int64(before_ns)))
        columns = (zaps.time_ns, zaps.vcpu, zaps.event, zaps.cause)
        facts = (column[:count].tolist() for column in columns)
        dropped = zaps.leaves_dropped[:count].tolist()
        return [ZapRow(*row) for row in zip(*facts, zaps.ranges[:count], dropped, strict=True)]


class State:
    """A run at one time. Cheap to make: each part is worked out when it is asked for."""

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

    @cached_property
    def mismatches(self) -> NDArray[np.intp]:
        """Rows of the scenario's observed leaves that are there now and differ from the model's."""
        return self.run.trace_check.standing(self.time_ns)

    @cached_property
    def summary(self) -> Summary:
        """The figures so far."""
        return self.run.summary_until(self.time_ns)

    def leaf_row(self, gfn: int) -> int | None:
        """Return the row of the leaf that covers ``gfn`` now, or None."""
        rows = self.run.leaves.rows_at(gfn)
        alive = (self.run.leaves.born_ns[rows] <= self.time_ns) & (
            self.run.leaves.died_ns[rows] > self.time_ns
        )
        return int(rows[alive][-1]) if alive.any() else None
