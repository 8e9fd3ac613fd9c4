"""simulate(scenario, policy): replay a scenario under a policy, whole or from an edit on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.bulk_work import bulk_work
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import HARDWARE, get_policy
from mtrrviz.core.sorting import distinct
from mtrrviz.scenario.event_columns import KINDS
from mtrrviz.sim.cost_model import DEFAULT_COSTS, CostModel
from mtrrviz.sim.engine import Engine
from mtrrviz.sim.growing_zaps import GrowingZaps
from mtrrviz.sim.lock_costs import plan_at
from mtrrviz.sim.pages import PageIndex, page_index
from mtrrviz.sim.replay import (
    FEW_EVENTS,
    Snapshots,
    advance,
    apply,
    loud_rows,
    new_machine,
    snapshot_distance,
    zaps_on_writes,
)
from mtrrviz.sim.run import Run
from mtrrviz.sim.tables import ALIVE, LeafTable

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.model import Scenario

#: At most so many events happen together, and a seek replays at most that many.
_QUIET_EVENTS = 4096


@bulk_work()
def simulate(
    scenario: Scenario,
    policy: Policy | str,
    costs: CostModel = DEFAULT_COSTS,
    *,
    base: Run | None = None,
    since_ns: int = 0,
) -> Run:
    """Return what KVM does with ``scenario`` under ``policy``; what hardware does with a host.

    On a host ``policy`` has no say. MtrrvizError for a guest that is to run on hardware.

    With ``base``, a run of the same policy whose scenario is the same before ``since_ns``, what
    happened before is taken from it and only the rest is simulated.
    """
    chosen = answering(scenario, get_policy(policy) if isinstance(policy, str) else policy)
    return _Simulation(scenario, chosen, costs, base, since_ns).run()


def answering(scenario: Scenario, policy: Policy) -> Policy:
    """Return the policy that a scenario runs under: ``policy`` for a guest, hardware for a host."""
    if scenario.machine.is_host:
        return HARDWARE
    if policy is HARDWARE:
        raise MtrrvizError("a guest runs under a policy of KVM, not on bare hardware")
    return policy


class _Simulation:
    """One pass over the events of a scenario, touches in between.

    It begins at the start, or goes on from a run of the same events before ``since_ns``.
    """

    def __init__(
        self,
        scenario: Scenario,
        policy: Policy,
        costs: CostModel,
        base: Run | None,
        since_ns: int,
    ) -> None:
        self._scenario = scenario
        self._policy = policy
        self._costs = costs
        self._pages: PageIndex = page_index(scenario.touches, scenario.machine)
        if base is None:
            self._begin()
        else:
            self._resume(base, since_ns)

    def _begin(self) -> None:
        self._machine: Machine = new_machine(self._scenario.machine, self._policy)
        self._engine = Engine(self._pages)
        self._zaps = GrowingZaps()
        self._snapshots: dict[int, Machine] = {0: self._machine.copy()}
        self._event = 0
        self._touch = 0

    def _resume(self, base: Run, since_ns: int) -> None:
        """Take over all that happened before ``since_ns`` from ``base``."""
        self._event = self._scenario.first_event_at(since_ns)
        self._machine = base.snapshots.before(base.scenario.events, self._event)
        known = zip(base.snapshots.indices, base.snapshots.machines, strict=True)
        self._snapshots = {index: machine for index, machine in known if index <= self._event}
        self._touch = int(np.searchsorted(self._pages.time_ns, np.int64(since_ns)))
        zaps = int(np.searchsorted(base.zaps.time_ns, np.int64(since_ns)))
        self._zaps = GrowingZaps(base.zaps, zaps)
        same_pages = page_index(base.scenario.touches, base.scenario.machine) is self._pages
        leaves = _leaves_before(base.leaves, since_ns)
        self._engine = Engine(self._pages, leaves, same_pages=same_pages)

    def run(self) -> Run:
        """Simulate what is left and return the Run."""
        events, start = self._scenario.events, self._event
        # Before each event come the touches up to these rows.
        self._touched = np.searchsorted(self._pages.time_ns, events.time_ns)
        loud = [start + row for row in loud_rows(events[start:])]
        for stop in (*loud, len(events)):
            if stop - self._event >= FEW_EVENTS and not zaps_on_writes(self._machine):
                self._happen_quietly(stop)
            self._happen_singly(min(stop + 1, len(events)))
        self._touch_until(len(self._pages.time_ns))
        return self._finished()

    def _happen_singly(self, stop: int) -> None:
        """Let the events until ``stop`` happen one by one, each of which may zap."""
        distance = snapshot_distance(len(self._scenario.events))
        ends = iter(self._touched[self._event : stop].tolist())
        for columns, rows in self._scenario.events[self._event : stop].parts:
            # From the columns: a hundred thousand events are not made only to be taken apart.
            wanted = (columns.kind, columns.time_ns, columns.vcpu, columns.register, columns.value)
            parts = (column[rows].tolist() for column in wanted)
            for code, time_ns, vcpu, register, value in zip(*parts, strict=True):
                self._touch_until(next(ends))
                self._happen(code, time_ns, vcpu, register, value)
                if self._event % distance == 0:
                    self._snapshots[self._event] = self._machine.copy()

    def _happen_quietly(self, stop: int) -> None:
        """Let the events until ``stop`` happen, none of which zaps, together where that is alike.

        In between only touches that may fault matter: a page that has a leaf keeps one.
        """
        while self._event < stop:
            end = min(stop, self._event + _QUIET_EVENTS)
            last_touch = int(self._touched[end - 1])
            faults = self._engine.may_fault(self._touch, last_touch)
            before = np.searchsorted(self._touched[:end], faults, "right")
            for event in distinct(before).tolist():
                self._write_until(event)
                self._touch = max(self._touch, int(self._touched[event - 1]) if event else 0)
                self._touch_until(int(self._touched[event]))
            self._write_until(end)
            self._touch = max(self._touch, last_touch)
            self._snapshots[end] = self._machine.copy()

    def _write_until(self, stop: int) -> None:
        if stop > self._event:
            events = self._scenario.events[self._event : stop]
            advance(self._machine, self._scenario.machine, events)
            self._event = stop

    def _touch_until(self, end: int) -> None:
        if end > self._touch:
            self._engine.touch(self._machine, self._touch, end)
            self._touch = end

    def _happen(self, code: int, time_ns: int, vcpu: int, register: int, value: int) -> None:
        """Let one event happen; a request is one zap whatever its ranges, as published."""
        machine, zaps = self._machine, self._zaps
        requests = machine.zap_requests
        ranges = apply(machine, KINDS[code], vcpu, register, value)
        if machine.zap_requests > requests:
            dropped = 0
            for start_gfn, end_gfn in ranges:
                dropped += self._engine.zap(start_gfn, end_gfn, time_ns, zaps.count)
            zaps.append(self._event, tuple(ranges), dropped)
        self._event += 1

    def _finished(self) -> Run:
        rows = self._zaps.event.astype(np.intp)
        plan = plan_at(self._scenario, self._policy, rows, self._zaps.ranges)
        at_lock = plan.costs(self._costs.lock)
        return Run(
            scenario=self._scenario,
            policy=self._policy,
            costs=self._costs,
            leaves=self._engine.leaves.table(),
            zaps=self._zaps.table(self._scenario.events, plan.rivals, at_lock.cycles),
            snapshots=Snapshots(
                self._scenario.machine,
                tuple(self._snapshots),
                tuple(self._snapshots.values()),
            ),
            plan=plan,
            at_lock=at_lock,
        )


def _leaves_before(leaves: LeafTable, time_ns: int) -> LeafTable:
    """Return the leaves born before ``time_ns``; those that died since live again."""
    count = int(np.searchsorted(leaves.born_ns, np.int64(time_ns)))
    columns = {name: getattr(leaves, name)[:count] for name in LeafTable.__struct_fields__}
    dead = columns["died_ns"] < np.int64(time_ns)
    columns["died_ns"] = np.where(dead, columns["died_ns"], ALIVE)
    columns["zap"] = np.where(dead, columns["zap"], np.int32(-1))
    return LeafTable(**columns)
