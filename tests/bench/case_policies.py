"""Every policy on the largest recorded boot, beside the one that zaps most."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.policies import DEFAULT_POLICY_ID, policy_ids
from mtrrviz.facts.figures import figures
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

BOOT = "ovmf-16vcpu-16g"
LIMIT = 1.5


@cache
def boot(*, ignore_guest_pat: bool = True) -> Scenario:
    """Return the boot on a machine with the quirk IGNORE_GUEST_PAT on or off."""
    made = open_scenario(BOOT)
    return replace(made, machine=replace(made.machine, ignore_guest_pat=ignore_guest_pat))


def beside_the_usual(scenario: Scenario, policy: str) -> Pair:
    """Return a run with its figures under a policy, beside one under the usual policy."""
    return Pair(
        lambda: figures(simulate(scenario, policy)),
        lambda: figures(simulate(boot(), DEFAULT_POLICY_ID)),
    )


def announce(policy: str) -> None:
    """Announce the case of one policy."""

    @case(f"{policy}, {BOOT}", reference=DEFAULT_POLICY_ID, limit=LIMIT, in_short=False)
    def simulate_policy() -> Pair:
        return beside_the_usual(boot(), policy)


for _policy in policy_ids():
    if _policy != DEFAULT_POLICY_ID:
        announce(_policy)


@case(f"kvm-6.16, quirk off, {BOOT}", reference=DEFAULT_POLICY_ID, limit=LIMIT, in_short=False)
def simulate_without_quirk() -> Pair:
    return beside_the_usual(boot(ignore_guest_pat=False), "kvm-6.16")
