"""The published zap counts come out of replaying the recorded boots, for any policy."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.policies import get_policy, policy_ids
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

# (zaps of the BSP, zaps of each AP), by firmware
OWN = {"ovmf": (14, 10), "seabios": (8, 6)}
AT_EDGES = {"ovmf": (11, 9), "seabios": (7, 5)}
VCPU_0 = {"ovmf": (14, 0), "seabios": (8, 0)}
NONE = {"ovmf": (0, 0), "seabios": (0, 0)}
COUNTS = {
    "per-vcpu": OWN,
    "per-vm": VCPU_0,
    "cd-toggle": AT_EDGES,
    "serialized": AT_EDGES,
    "fine-grained": AT_EDGES,
    "slot-split": AT_EDGES,
    "shared-lock": AT_EDGES,
    "fine-grained+shared": AT_EDGES,
    "slot-split+shared": AT_EDGES,
    "kvm-6.7": OWN,
    "kvm-6.11": NONE,
    "self-snoop": NONE,
    "kvm-6.16": NONE,
}
TOTALS = {
    ("ovmf", 8): {"per-vcpu": 84, "per-vm": 14, "cd-toggle": 74},
    ("ovmf", 16): {"per-vcpu": 164, "per-vm": 14, "cd-toggle": 146},
    ("seabios", 8): {"per-vcpu": 50, "per-vm": 8, "cd-toggle": 42},
    ("seabios", 16): {"per-vcpu": 98, "per-vm": 8, "cd-toggle": 82},
}
MACHINES = ("8vcpu-2g", "8vcpu-16g", "16vcpu-16g")
BOOTS = [f"{firmware}-{machine}" for firmware in OWN for machine in MACHINES]

opened = cache(open_scenario)


def zaps_by_vcpu(scenario: Scenario, policy: str) -> Counter[int]:
    """Replay the events and count zap requests by the vCPU that makes them."""
    machine = new_machine(scenario.machine, policy)
    counts: Counter[int] = Counter()
    for event in scenario.events:
        before = machine.zap_requests
        apply_event(machine, event)
        counts[event.vcpu] += machine.zap_requests - before
    return counts


def test_every_policy_has_a_count() -> None:
    assert tuple(COUNTS) == policy_ids()


@pytest.mark.parametrize("policy", COUNTS)
@pytest.mark.parametrize("boot", BOOTS)
def test_a_recorded_boot_zaps_as_often_as_was_published(boot: str, policy: str) -> None:
    scenario = opened(boot)
    firmware, vcpus = boot.partition("-")[0], scenario.machine.vcpus
    counts = zaps_by_vcpu(scenario, policy)
    bsp, ap = COUNTS[policy][firmware]
    assert [counts[vcpu] for vcpu in range(vcpus)] == [bsp, *[ap] * (vcpus - 1)]
    total = TOTALS[firmware, vcpus].get(policy)
    assert total in (None, counts.total())


def test_under_the_fine_grained_rule_two_requests_of_ovmf_hold_no_range() -> None:
    """Its BSP sets and clears CD once while all memory is WB by the MTRRs as well."""
    scenario = opened("ovmf-8vcpu-2g")
    machine = new_machine(scenario.machine, "fine-grained")
    at_start = machine.zap_requests
    answers = [len(apply_event(machine, event)) for event in scenario.events]
    assert sum(count > 0 for count in answers) == machine.zap_requests - at_start - 2


def test_the_shared_lock_changes_no_range() -> None:
    scenario = opened("ovmf-8vcpu-2g")
    for plain, shared in (
        ("cd-toggle", "shared-lock"),
        ("fine-grained", "fine-grained+shared"),
        ("slot-split", "slot-split+shared"),
    ):
        machines = [new_machine(scenario.machine, name) for name in (plain, shared)]
        for event in scenario.events:
            first, second = (list(apply_event(machine, event)) for machine in machines)
            assert first == second
        assert get_policy(plain).zap_lock != get_policy(shared).zap_lock
