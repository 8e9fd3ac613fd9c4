"""The series' patch 10: at a CD edge zap only what the edge changes."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import WB_WITH_PAT, HonoursMtrrs
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnDma, NonWbOnCdEdge, WrittenRange


class FineGrained(Policy):
    """A CD edge compares the type under CD=1 with the toggling vCPU's MTRRs."""

    id = "fine-grained"
    title = "Zap non-WB ranges at CD edges"
    versions = "patch series v4 of July 2023, patches 6 to 10, not merged"
    summary = (
        "With the CD quirk memory is WB under CR0.CD=1. If the MTRRs' default type is WB too, an "
        "edge of CD zaps only the ranges of another type; RAM leaves survive. Else all memory."
    )
    changed = (
        "CD edges put the fixed block as one range, and each valid variable range that is not WB, "
        "in the list instead of all memory."
    )
    why = (
        "A CD edge changes no MTRR: where types before and after agree nothing is stale, and a "
        "short range is soon walked and more often found in the list already."
    )
    fate = "Halved the cycles of serialising alone, more on 16 vCPUs; stayed on the list with it."
    defects = (
        "The fixed block is zapped for its bytes even where FE is clear and they have no effect.",
        "A variable range counts as far as its mask's lowest run reaches, holes and all.",
        "Before the guest enables MTRRs, and with a default type other than WB, all memory goes.",
        "A range queued between the winner's last look and its clearing the flag is left behind.",
    )
    source = 'patches 1 to 10 of "KVM: x86/mmu: refine memtype related mmu zap", v4'

    leaf_rule = HonoursMtrrs(caches_off=WB_WITH_PAT)
    write_rule = WrittenRange(only_caches_on=True)
    cd_rule = NonWbOnCdEdge()
    dma_rule = EverythingOnDma()
    serialises = True
