"""simulate(scenario, policy): replay a scenario under a policy, whole or from an edit on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import HARDWARE, get_policy
from mtrrviz.scenario.events import VM_KINDS, Event
from mtrrviz.sim.cost_model import DEFAULT_COSTS, CostModel
from mtrrviz.sim.engine import Engine
from mtrrviz.sim.growing import ZapRow, zap_table
from mtrrviz.sim.lock_costs import plan_of
from mtrrviz.sim.pages import PageIndex, page_index
from mtrrviz.sim.replay import (
    SNAPSHOT_EVERY,
    Snapshots,
    apply_event,
    cause_of,
    new_machine,
)
from mtrrviz.sim.run import Run
from mtrrviz.sim.tables import ALIVE, NO_VCPU, LeafTable

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.policy import GfnRange, Policy
    from mtrrviz.scenario.model import Scenario


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
        self._zaps: list[ZapRow] = []
        self._snapshots: list[Machine] = []
        self._event = 0
        self._touch = 0

    def _resume(self, base: Run, since_ns: int) -> None:
        """Take over all that happened before ``since_ns`` from ``base``."""
        self._event = self._scenario.first_event_at(since_ns)
        self._machine = base.snapshots.before(base.scenario.events, self._event)
        kept = -(-self._event // SNAPSHOT_EVERY)
        self._snapshots = list(base.snapshots.machines[:kept])
        self._touch = int(np.searchsorted(self._pages.time_ns, np.int64(since_ns)))
        self._zaps = base.zap_rows(before_ns=since_ns)
        same_pages = page_index(base.scenario.touches, base.scenario.machine) is self._pages
        leaves = _leaves_before(base.leaves, since_ns)
        self._engine = Engine(self._pages, leaves, same_pages=same_pages)

    def run(self) -> Run:
        """Simulate what is left and return the Run."""
        events = self._scenario.events[self._event :]
        times = np.array([event.time_ns for event in events], np.int64)
        for event, end in zip(events, np.searchsorted(self._pages.time_ns, times), strict=True):
            self._touch_until(int(end))
            self._snapshot()
            self._happen(event)
        self._touch_until(len(self._pages.time_ns))
        self._snapshot()
        return self._finished()

    def _touch_until(self, end: int) -> None:
        if end > self._touch:
            self._engine.touch(self._machine, self._touch, end)
            self._touch = end

    def _snapshot(self) -> None:
        """Keep a copy of the machine before every so many events."""
        if (
            self._event % SNAPSHOT_EVERY == 0
            and len(self._snapshots) * SNAPSHOT_EVERY == self._event
        ):
            self._snapshots.append(self._machine.copy())

    def _happen(self, event: Event) -> None:
        requests = self._machine.zap_requests
        ranges = tuple(apply_event(self._machine, event))
        if self._machine.zap_requests > requests:
            self._zap(event, ranges)
        self._event += 1

    def _zap(self, event: Event, ranges: tuple[GfnRange, ...]) -> None:
        """Do one request, whatever number of ranges it has; it counts as one zap, as published."""
        number = len(self._zaps)
        dropped = sum(self._engine.zap(*span, event.time_ns, number) for span in ranges)
        vcpu = NO_VCPU if event.kind in VM_KINDS else event.vcpu
        self._zaps.append(
            ZapRow(event.time_ns, vcpu, self._event, cause_of(event), ranges, dropped)
        )

    def _finished(self) -> Run:
        plan = plan_of(self._scenario, self._policy, self._zaps)
        at_lock = plan.costs(self._costs.lock)
        return Run(
            scenario=self._scenario,
            policy=self._policy,
            costs=self._costs,
            leaves=self._engine.leaves.table(),
            zaps=zap_table(self._zaps, plan.rivals, at_lock.cycles),
            snapshots=Snapshots(tuple(self._snapshots)),
            plan=plan,
            at_lock=at_lock,
        )


def _leaves_before(leaves: LeafTable, time_ns: int) -> LeafTable:
    """Return the leaves born before ``time_ns``; those that died since live again."""
    count = int(np.searchsorted(leaves.born_ns, np.int64(time_ns)))
    columns = {name: getattr(leaves, name)[:count] for name in LeafTable.__dataclass_fields__}
    dead = columns["died_ns"] < np.int64(time_ns)
    columns["died_ns"] = np.where(dead, columns["died_ns"], ALIVE)
    columns["zap"] = np.where(dead, columns["zap"], np.int32(-1))
    return LeafTable(**columns)
