"""The series' patch 11: walk memory slots only."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import WB_WITH_PAT, HonoursMtrrs
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnDma, NonWbOnCdEdge, WrittenRange


class SlotSplit(Policy):
    """Ranges are cut by the memory slots before they are queued."""

    id = "slot-split"
    title = "Cut zaps by memory slots"
    versions = "patch series v4 of July 2023, patches 6 to 11, not merged"
    summary = (
        "A zap of all memory or of a written range becomes one list entry a memory slot; what lies "
        "outside the slots is not walked. The ranges found at CD edges go in as they are."
    )
    changed = "The range of a request is intersected with the slots of every address space."
    why = (
        "Under contention the walk may yield at each step, even over addresses with no memory; "
        "fewer steps mean fewer yields."
    )
    fate = (
        "A third of the cycles of the patch before. Its author offered to drop it should the "
        "shared lock be taken, as that makes yields rare by itself."
    )
    defects = (
        "One request becomes several list entries, each with its own flush.",
        "Ranges listed at CD edges and the zaps of devices still walk holes.",
        "A range queued between the winner's last look and its clearing the flag is left behind.",
    )
    source = 'patches 1 to 11 of "KVM: x86/mmu: refine memtype related mmu zap", v4'

    leaf_rule = HonoursMtrrs(caches_off=WB_WITH_PAT)
    write_rule = WrittenRange(only_caches_on=True, in_slots=True)
    cd_rule = NonWbOnCdEdge(in_slots=True)
    dma_rule = EverythingOnDma()
    serialises = True
    cuts_by_memslots = True
