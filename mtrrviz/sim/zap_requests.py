"""The zap requests of a scenario, from registers alone.

Pages take no part, so the cost does not depend on the memory of the guest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.sim.lock_costs import ZapRequest
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.scenario.model import Scenario


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
