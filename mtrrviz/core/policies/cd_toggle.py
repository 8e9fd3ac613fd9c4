"""The series' patches 6 to 8: no zap for MTRR writes under CR0.CD=1, one at each CD edge."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import WB_WITH_PAT, HonoursMtrrs
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnCdEdge, EverythingOnDma, WrittenRange


class CdToggle(Policy):
    """The base of all optimisations of the series."""

    id = "cd-toggle"
    title = "Zap at CR0.CD edges"
    versions = "patch series v3 and v4 of June and July 2023, patches 6 to 8; only 7 merged"
    summary = (
        "While a vCPU runs with caches off its MTRR writes zap nothing, as they have no effect "
        "yet; setting or clearing CR0.CD zaps all memory instead. Types are each vCPU's own."
    )
    changed = (
        "MTRR writes under CR0.CD=1 no longer zap, both CD edges do whatever the quirk, leaves "
        "made under CD=1 heed the guest's PAT, and devices that come or go zap."
    )
    why = (
        "Firmware and kernels set CD=1, write all MTRRs, and clear CD again: one zap at the end "
        "is enough, and clearing CD must drop the WB leaves made meanwhile."
    )
    fate = (
        "Fewer zaps, but more expensive ones: all vCPUs clear CD within a short time, so zaps meet "
        "more often than before. The maintainer took patch 7 and left out 6 and 8."
    )
    defects = (
        "CD edges of the APs come in bursts, each a zap of all memory that waits for the others.",
        "Clearing CD zaps even where nothing differs, such as RAM that is WB before and after.",
        "One leaf serves all vCPUs, so where their MTRRs differ the last fault wins.",
        "Moving a variable range with caches on zaps the new place only.",
    )
    source = 'patches 1 to 8 of "KVM: x86/mmu: refine memtype related mmu zap", v4'

    leaf_rule = HonoursMtrrs(caches_off=WB_WITH_PAT)
    write_rule = WrittenRange(only_caches_on=True)
    cd_rule = EverythingOnCdEdge(even_with_quirk=True)
    dma_rule = EverythingOnDma()
