"""The part of an explanation before the MTRRs: what may override them, and why it does.

Policies are only asked: an input matters if changing it alone changes the answer. So every policy
is explained by the same few questions.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.explanation import Step
from mtrrviz.core.kvm_rules.vm_view import FaultCase
from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.core.wording.words import leaf_words, plural

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.policy import Leaf, Policy
    from mtrrviz.core.machine import Machine

_CASES = tuple(FaultCase(*bits) for bits in product((False, True), repeat=5))
"""Every case there is; few enough to ask about each."""


def override_steps(machine: Machine, vcpu: int) -> list[Step]:
    """Return the steps on devices, CR0.CD and the policy; the last one decides if MTRRs do not."""
    policy, case = machine.policy, machine.fault_case(vcpu)
    leaf = policy.leaf_override(case)
    if all(policy.leaf_override(each) is not None for each in _CASES) and leaf is not None:
        return [_dma_step(machine, None), *_host_steps(policy, case), _policy_step(policy, leaf)]
    if leaf is None:
        return [_dma_step(machine, None), _cd_step(machine, vcpu, None)]
    if policy.leaf_override(_turned(case, "cd")) != leaf:
        return [_dma_step(machine, None), _cd_step(machine, vcpu, leaf)]
    return [_dma_step(machine, leaf)]


def _turned(case: FaultCase, name: str) -> FaultCase:
    """Return the case with one input inverted."""
    return case._replace(**{name: not getattr(case, name)})


def _has_say(policy: Policy, name: str) -> bool:
    """Return whether an input makes a difference in any case."""
    return any(policy.leaf_override(c) != policy.leaf_override(_turned(c, name)) for c in _CASES)


def _dma_step(machine: Machine, leaf: Leaf | None) -> Step:
    """Count the devices; ``leaf`` is what follows if that decides."""
    count = machine.noncoherent_dma
    devices = plural(count, "device") if count else "no device"
    text = f"{devices} with non-coherent DMA"
    if leaf is not None:
        text += f": under {machine.policy.id} guest MTRRs do not count, {leaf_words(*leaf)}"
    return Step("dma", text, decides=leaf is not None)


def _cd_step(machine: Machine, vcpu: int, leaf: Leaf | None) -> Step:
    """Say whether caches are on; ``leaf`` is what follows if that decides."""
    quirk = "on" if machine.cd_nw_quirk else "off"
    text = f"CR0.CD of vCPU {vcpu} is {int(machine.cd(vcpu))}, the VMM's CD_NW quirk is {quirk}"
    text += f": {leaf_words(*leaf)}" if leaf is not None else ": MTRRs may count"
    return Step("cd", text, decides=leaf is not None, msr=CR0_ID, vcpu=vcpu, field="CD")


def _host_steps(policy: Policy, case: FaultCase) -> list[Step]:
    """Say what the host's CPU and the VMM chose, where the policy cares."""
    steps: list[Step] = []
    if _has_say(policy, "self_snoop"):
        has = "has" if case.self_snoop else "does not have"
        steps.append(Step("self-snoop", f"the host's CPU {has} self-snoop"))
    if _has_say(policy, "ignore_guest_pat"):
        state = "on" if case.ignore_guest_pat else "off"
        steps.append(Step("pat-quirk", f"the VMM's quirk IGNORE_GUEST_PAT is {state}"))
    return steps


def _policy_step(policy: Policy, leaf: Leaf) -> Step:
    text = f"under {policy.id} guest MTRRs and CR0.CD never count: {leaf_words(*leaf)}"
    return Step("policy", text, decides=True)
