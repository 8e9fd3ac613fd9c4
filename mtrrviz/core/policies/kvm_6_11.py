"""Linux 6.11 to 6.15: guest MTRRs are storage and nothing else."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import PatWithDma
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnDma, NoZap


class Kvm611(Policy):
    """RAM is WB; with non-coherent DMA the guest's PAT decides what comes of it."""

    id = "kvm-6.11"
    title = "Linux 6.11: MTRRs ignored"
    versions = "Linux 6.11 to 6.15"
    summary = (
        "Guest MTRRs and CR0.CD have no effect on leaves. RAM is WB, and the guest's PAT counts "
        "while there is non-coherent DMA. Only a device that comes or goes zaps."
    )
    changed = (
        "MTRR MSRs are kept and read back only; the lookup, the zaps for writes and CD edges and "
        "the limit on huge leaves are gone, and the CD quirk is left to AMD."
    )
    why = (
        "Full support was complex, slowed boots, and worked with EPT and such devices only; guests "
        "of today use PAT, and shadow paging and AMD always did without."
    )
    fate = "In use until a quirk for the guest's PAT joined it in 6.16. No cost at boot."
    defects = (
        "A guest that relies on MTRRs for UC or WC gets WB unless it sets its PAT too.",
        "CR0.CD=1 does not make accesses uncached; documented as an erratum.",
    )
    source = "Linux commits 0a7b73559b39 and e1548088ff54"

    leaf_rule = PatWithDma()
    limits_levels = False
    write_rule = NoZap()
    cd_rule = NoZap()
    dma_rule = EverythingOnDma()
