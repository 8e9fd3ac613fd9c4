"""The patch "use per-VM based MTRR for EPT": vCPU 0's MTRRs count for all."""

from __future__ import annotations

from mtrrviz.core.policy import ZAP_EVERYTHING, GfnRange, Policy, VmView, written_range


class PerVm(Policy):
    """The patch's intent: one set of MTRRs for the VM, the one of vCPU 0."""

    id = "per-vm"
    title = "Per-VM MTRRs (vCPU 0)"
    versions = "patch series v2 of May 2023, not merged"
    summary = (
        "A leaf gets the type vCPU 0's MTRRs give, whoever faults; only vCPU 0's writes zap. "
        "Other vCPUs' MTRRs are stored and read back, nothing more."
    )
    defects = (
        "vCPU 0 may be offline, or not exist, while others program the MTRRs.",
        "An update made only on other vCPUs is ignored for good.",
        "Real MTRRs belong to each logical CPU; this departs from the hardware.",
        "While vCPU 0 is reprogrammed and another vCPU not yet, the latter gets the new types.",
    )
    source = 'patches 3 to 6 of "KVM: x86/mmu: refine memtype related mmu zap", v2'

    def mtrr_owner(self, vcpu: int) -> int:
        """Return vCPU 0, whoever faults."""
        del vcpu
        return 0

    def zaps_on_mtrr_write(self, vm: VmView, vcpu: int, msr: int) -> tuple[GfnRange, ...]:
        """Return the written range for vCPU 0's writes, nothing for the others'."""
        return written_range(vm, vcpu, msr) if vcpu == 0 else ()

    def zaps_on_dma_change(self, vm: VmView) -> tuple[GfnRange, ...]:
        """Return all memory: its leaves change between WB with IPAT and the MTRRs' types."""
        del vm
        return (ZAP_EVERYTHING,)
