"""KVM as it was from 4.2 to 6.6: each vCPU's own MTRRs decide its faults, and any may zap."""

from __future__ import annotations

from mtrrviz.core.policy import Policy


class PerVcpu(Policy):
    """The state before the patch; the base class answers every question its way."""

    id = "per-vcpu"
    title = "Per-vCPU MTRRs"
    versions = "Linux 4.2 to 6.6"
    summary = (
        "A leaf gets the type the faulting vCPU's MTRRs give; a write to any vCPU's MTRRs zaps "
        "the written range for the whole VM."
    )
    defects = (
        "One leaf serves all vCPUs, so where their MTRRs differ the last fault wins.",
        "N vCPUs that set up equal MTRRs zap N times, and fight over the MMU lock doing it.",
        "With the CD quirk, leaves made under CR0.CD=1 (WB, IPAT) outlive CD's clearing.",
        "Arrival of the first device with non-coherent DMA does not zap; old leaves stay WB.",
        "Moving a variable range zaps the new place only; leaves at the old one stay.",
    )
    source = "arch/x86/kvm/mtrr.c and vmx_get_mt_mask of Linux 6.1"
