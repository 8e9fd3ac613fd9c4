"""The zap requests of a scenario: from registers alone, or gathered from the zaps of a run."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.sim.lock_costs import ZapRequest
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mtrrviz.core.policy import GfnRange, Policy
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.lock_costs import LockCosts, LockPlan


def replay_requests(scenario: Scenario, policy: Policy | str) -> list[ZapRequest]:
    """Return what each event that asks KVM for a zap asks for, in order."""
    machine = new_machine(scenario.machine, policy)
    requests: list[ZapRequest] = []
    for index, event in enumerate(scenario.events):
        before = machine.zap_requests
        ranges = apply_event(machine, event)
        if machine.zap_requests > before:
            requests.append(ZapRequest(index, tuple(ranges)))
    return requests


def gather_requests(zaps: Iterable[tuple[int, GfnRange]]) -> list[ZapRequest]:
    """Return requests from zapped ranges with the index of their event, both in order.

    A range that ends where it starts stands for a request without any.
    """
    return [
        ZapRequest(event, tuple(span for _, span in group))
        for event, group in groupby(zaps, key=lambda zap: zap[0])
    ]


def cycles_of_ranges(costs: LockCosts, plan: LockPlan) -> NDArray[np.float64]:
    """Return cycles range by range: a request's are shared out by the entries its walks visit."""
    shares: list[float] = []
    for cycles, walks in zip(costs.cycles.tolist(), plan.walks, strict=True):
        entries = sum(walk.entries for walk in walks)
        shares += [
            cycles * (walk.entries / entries if entries else 1 / len(walks)) for walk in walks
        ]
    return np.array(shares, np.float64)
