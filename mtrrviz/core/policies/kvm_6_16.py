"""Linux 6.16 and later: whether the guest's PAT is ignored is the VMM's choice."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import PatUnlessQuirk
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import NoZap, OnDmaWithPatQuirk


class Kvm616(Policy):
    """As 6.11 while the quirk IGNORE_GUEST_PAT is on; the guest's PAT counts always without."""

    id = "kvm-6.16"
    title = "Linux 6.16: PAT as a quirk"
    versions = "Linux 6.16 and later"
    summary = (
        "RAM is WB. The guest's PAT counts with non-coherent DMA, and without it too if the VMM "
        "turned the quirk IGNORE_GUEST_PAT off; then devices that come or go need no zap."
    )
    changed = (
        "A quirk, on by default for Intel, keeps what 6.11 does; a VMM may turn it off, for good, "
        "on CPUs with self-snoop."
    )
    why = (
        "Confidential guests always have their PAT in force, and passed-through graphics want WC; "
        "old guests with drivers that ask for UC need the opposite."
    )
    fate = "In use."
    defects = (
        "A guest that relies on MTRRs for UC or WC gets WB unless it sets its PAT too.",
        "CR0.CD=1 does not make accesses uncached; documented as an erratum.",
        "With the quirk off, guest drivers that map memory uncached without need are slow.",
    )
    source = "Linux commit c9c1e20b4c7d"

    leaf_rule = PatUnlessQuirk()
    limits_levels = False
    write_rule = NoZap()
    cd_rule = NoZap()
    dma_rule = OnDmaWithPatQuirk()
