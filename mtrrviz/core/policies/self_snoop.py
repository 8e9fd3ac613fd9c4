"""Linux 6.11-rc: honour the guest's PAT always, where the CPU has self-snoop; reverted."""

from __future__ import annotations

from mtrrviz.core.kvm_rules.leaf_rules import PatWithSelfSnoop
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.zap_rules import NoZap, OnDmaWithoutSelfSnoop


class SelfSnoop(Policy):
    """As 6.11, with the guest's PAT in force for every VM on CPUs with self-snoop."""

    id = "self-snoop"
    title = "Guest PAT with self-snoop"
    versions = "Linux 6.11-rc, reverted before 6.11"
    summary = (
        "RAM is WB and the guest's PAT counts whether or not there are devices, if the CPU has "
        "self-snoop; nothing ever zaps then. Without self-snoop as in 6.11."
    )
    changed = "IPAT is no longer set for VMs without non-coherent DMA on CPUs with self-snoop."
    why = (
        "Such a CPU keeps mixed mappings of a page coherent by itself, so nothing forces KVM to "
        "overrule the guest's PAT."
    )
    fate = (
        "Reverted in September 2024: a guest driver maps its frame buffer UC-, which is very slow "
        "on some server CPUs once it is taken at its word, and desktops in guests broke."
    )
    defects = (
        "Guest drivers that map emulated memory uncached, without effect before, turn very slow.",
        "Locked accesses to memory the guest made UC become bus locks, which slow the whole host.",
    )
    source = "Linux commits 377b2f359d1f and, its revert, 9d70f3fec144"

    leaf_rule = PatWithSelfSnoop()
    limits_levels = False
    write_rule = NoZap()
    cd_rule = NoZap()
    dma_rule = OnDmaWithoutSelfSnoop()
