"""Linux 6.7 to 6.10: what of the series was merged."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import WB_WITH_PAT, HonoursMtrrs
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnCdEdge, EverythingOnDma, WrittenRange


class Kvm67(Policy):
    """Per-vCPU MTRRs as before, with zaps for devices and the PAT respected under CD=1."""

    id = "kvm-6.7"
    title = "Linux 6.7: what was merged"
    versions = "Linux 6.7 to 6.10"
    summary = (
        "Each vCPU's own MTRRs, zaps by any vCPU's writes as ever; new are zaps when non-coherent "
        "DMA comes or goes, and leaves under CR0.CD=1 that heed the guest's PAT."
    )
    changed = (
        "Patches 1 to 5 and 7 of the series: zaps only where MTRRs are honoured, all memory when "
        "that begins or ends, and no IPAT under CD=1 with the quirk on."
    )
    why = (
        "These were plain corrections: stale leaves after a device came or went, and a PAT ignored "
        "where nothing called for it."
    )
    fate = "As expensive at boot as before. 6.11 gave up on guest MTRRs altogether."
    defects = (
        "With the CD quirk, WB leaves made under CR0.CD=1 outlive CD's clearing, if with PAT.",
        "One leaf serves all vCPUs, so where their MTRRs differ the last fault wins.",
        "N vCPUs that set up equal MTRRs zap N times, and fight over the MMU lock doing it.",
        "Moving a variable range zaps the new place only; leaves at the old one stay.",
    )
    source = "Linux commits 7a18c7c2b69a, 9a3768191d95, 362ff6dca541 and c9f65a3f2d92"

    leaf_rule = HonoursMtrrs(caches_off=WB_WITH_PAT)
    write_rule = WrittenRange()
    cd_rule = EverythingOnCdEdge(even_with_quirk=False)
    dma_rule = EverythingOnDma()
