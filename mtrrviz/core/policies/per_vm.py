"""The patch "use per-VM based MTRR for EPT": vCPU 0's MTRRs count for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.kvm_rules.leaf_rules import WB_IGNORE_PAT, HonoursMtrrs
from mtrrviz.core.kvm_rules.policy import Policy, Switch
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnCdEdge, EverythingOnDma, WrittenRange

if TYPE_CHECKING:
    from mtrrviz.core.mtrr import MtrrState

LITERAL_HAS_MTRR = Switch(
    "literal-has-mtrr",
    "CPUID read too early",
    "As posted, the patch notes whether CPUID offers MTRRs when vCPU 0 is created. The VMM sets "
    "CPUID later, so the answer is always no, and memory is WB instead of UC while MTRRs are off.",
)
SRCU_LEAK = Switch(
    "srcu-leak",
    "SRCU read lock left held",
    "As posted, a lookup that answers in the middle of its walk (UC met after another type, or "
    "an undefined overlap) returns without giving back the SRCU read lock. Counted "
    "only.",
)


class PerVm(Policy):
    """The patch's intent: one set of MTRRs for the VM, the one of vCPU 0.

    Its switches show the patch as it was posted instead.
    """

    id = "per-vm"
    title = "Per-VM MTRRs (vCPU 0)"
    versions = "patch series v2 of May 2023, not merged"
    summary = (
        "A leaf gets the type vCPU 0's MTRRs give, whoever faults; only vCPU 0's writes zap. "
        "Other vCPUs' MTRRs are stored and read back, nothing more."
    )
    changed = (
        "A pointer to vCPU 0's MTRRs in the VM replaces the faulting vCPU's own; devices that come "
        "or go zap all memory. CR0.CD stays the faulting vCPU's."
    )
    why = (
        "A sane guest gives all CPUs equal MTRRs, so one vCPU's zaps are enough: 84 zaps at boot "
        "became 14, and the cycles fell by a factor of 250."
    )
    fate = (
        "Dropped in v3: reviewers found no vCPU that is sure to exist, be online and speak for the "
        "others, and held that MTRRs belong to each CPU."
    )
    defects = (
        "vCPU 0 may be offline, or not exist, while others program the MTRRs.",
        "An update made only on other vCPUs is ignored for good.",
        "Real MTRRs belong to each logical CPU; this departs from the hardware.",
        "While vCPU 0 is reprogrammed and another vCPU not yet, the latter gets the new types.",
        "With the CD quirk, leaves made under CR0.CD=1 (WB, IPAT) outlive CD's clearing.",
    )
    source = 'patches 3 to 6 of "KVM: x86/mmu: refine memtype related mmu zap", v2'
    variants = (LITERAL_HAS_MTRR, SRCU_LEAK)

    leaf_rule = HonoursMtrrs(caches_off=WB_IGNORE_PAT)
    owner = 0
    write_rule = WrittenRange(only_vcpu=0)
    cd_rule = EverythingOnCdEdge(even_with_quirk=False)
    dma_rule = EverythingOnDma()

    def mtrr_seen(self, state: MtrrState) -> MtrrState:
        """Return the state, as of a guest without MTRRs in CPUID if that was read too early."""
        if LITERAL_HAS_MTRR.id not in self.active or not state.has_mtrr or state.enabled:
            return state
        return state.copy(has_mtrr=False)

    @property
    def leaks_srcu(self) -> bool:
        """Return whether the switch for it is on; the SDM's lookup is no walk that could end."""
        return SRCU_LEAK.id in self.active and not self.follows_sdm
