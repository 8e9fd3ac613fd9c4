"""KVM as it was from 4.2 to 6.6: each vCPU's own MTRRs decide its faults, and any may zap."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import WB_IGNORE_PAT, HonoursMtrrs
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnCdEdge, NoZap, WrittenRange


class PerVcpu(Policy):
    """The state before the patch series; the reference for all other policies."""

    id = "per-vcpu"
    title = "Per-vCPU MTRRs"
    versions = "Linux 4.2 to 6.6"
    summary = (
        "A leaf gets the type the faulting vCPU's MTRRs give; a write to any vCPU's MTRRs zaps "
        "the written range for the whole VM."
    )
    changed = (
        "Before 4.2 an MTRR write reset the MMU context only, which dropped no leaf; since then it "
        "zaps the range written."
    )
    why = "Leaves with a type from before the guest set up its MTRRs stayed for good."
    fate = (
        "Two device-related zaps joined in 6.7, and 6.11 dropped the whole idea. Its cost at boot, "
        "dozens of zaps of all memory that fight over one lock, set off the series of 2023."
    )
    defects = (
        "One leaf serves all vCPUs, so where their MTRRs differ the last fault wins.",
        "N vCPUs that set up equal MTRRs zap N times, and fight over the MMU lock doing it.",
        "With the CD quirk, leaves made under CR0.CD=1 (WB, IPAT) outlive CD's clearing.",
        "Arrival of the first device with non-coherent DMA does not zap; old leaves stay WB.",
        "Moving a variable range zaps the new place only; leaves at the old one stay.",
        "UC in a higher variable range gives way to another type in a lower one, unlike hardware.",
    )
    source = "arch/x86/kvm/mtrr.c and vmx_get_mt_mask of Linux 6.1"

    leaf_rule = HonoursMtrrs(caches_off=WB_IGNORE_PAT)
    write_rule = WrittenRange()
    cd_rule = EverythingOnCdEdge(even_with_quirk=False)
    dma_rule = NoZap()
