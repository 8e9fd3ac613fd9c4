"""What the SDM alone says of a page: the vCPU's own registers on a processor without KVM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.explanation import Step
from mtrrviz.core.memtype import MemoryType

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine


def hardware_type(machine: Machine, gfn: int, vcpu: int) -> MemoryType | None:
    """Return the type by SDM vol. 3A 12.5 and 12.11.4 before the PAT; None where undefined.

    CR0.CD comes before the MTRRs (table 12-5), and only this vCPU's registers count.
    """
    if machine.cd(vcpu):
        return MemoryType.UC
    return machine.mtrr(vcpu).sdm_memory_type(gfn)


def hardware_step(machine: Machine, gfn: int, vcpu: int, given: MemoryType) -> Step:
    """Set the SDM's answer beside the type ``given`` to the leaf, by KVM unless it looks it up."""
    who = "this lookup" if machine.policy.follows_sdm else "KVM"
    found = hardware_type(machine, gfn, vcpu)
    whose = "CR0.CD is 1: " if machine.cd(vcpu) else f"the MTRRs of vCPU {vcpu}: "
    if found is None:
        answer = f"they overlap in a way it leaves undefined; {who} gives {given.name}"
    elif found == given:
        answer = f"{found.name}, as {who} does"
    else:
        answer = f"{found.name}, where {who} gives {given.name}"
    return Step("hardware", f"by the SDM alone, {whose}{answer}")
