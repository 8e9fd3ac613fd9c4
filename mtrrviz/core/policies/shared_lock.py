"""The series' patch 12: zap with mmu_lock held for read; alone and on top of others.

It changes how a zap is done, not which zaps there are, so each of the three policies has the rules
of the one that it is applied on top of.
"""

from __future__ import annotations

from mtrrviz.core.policies.cd_toggle import CdToggle
from mtrrviz.core.policies.fine_grained import FineGrained
from mtrrviz.core.policies.slot_split import SlotSplit

_CHANGED = (
    "A zap holds mmu_lock for write only at its beginning and end; in between it drops entries one "
    "by one, atomically, with the lock held for read."
)
_WHY = "EPT faults and other zaps hold the lock for read as well, so none of them has to yield."
_FATE = (
    "Cycles became nearly linear in the number of zaps. The maintainer wanted to know first if "
    "checking for contention elsewhere cures it more fully, and such a change for all zaps alike "
    "as a series of its own; not merged."
)
_DEFECTS = (
    "Each dropped entry needs its own flush, unless a subtree of up to 1 GiB can go as one.",
    "A lock held for read lets faults put back leaves while the zap is still on its way.",
)
_SERIES = '"KVM: x86/mmu: refine memtype related mmu zap", v4'


class SharedLock(CdToggle):
    """Patch 12 alone on the zaps at CD edges."""

    id = "shared-lock"
    title = "Zap under the shared lock"
    versions = "patch series v4 of July 2023, patches 6 to 8 and 12, not merged"
    summary = "The zaps at CR0.CD edges and MTRR writes, done with mmu_lock held for read."
    changed = _CHANGED
    why = _WHY
    fate = _FATE
    defects = (*_DEFECTS, "vCPUs that zap the same range at the same time still all do so.")
    source = f"patches 1 to 8 and 12 of {_SERIES}"

    zap_lock = "shared"


class FineGrainedShared(FineGrained):
    """Patch 12 on the list of non-WB ranges."""

    id = "fine-grained+shared"
    title = "Non-WB ranges, shared lock"
    versions = "patch series v4 of July 2023, patches 6 to 10 and 12, not merged"
    summary = (
        "The list and the non-WB ranges at CD edges, worked off with mmu_lock held for read: the "
        "cheapest of the measured variants for OVMF."
    )
    changed = _CHANGED
    why = _WHY
    fate = _FATE
    defects = (
        *_DEFECTS,
        "A range queued between the winner's last look and its clearing the flag is left behind.",
    )
    source = f"patches 1 to 10 and 12 of {_SERIES}"

    zap_lock = "shared"


class SlotSplitShared(SlotSplit):
    """Patch 12 on everything before it: the whole series."""

    id = "slot-split+shared"
    title = "The whole series v4"
    versions = "patch series v4 of July 2023, all twelve patches, not merged"
    summary = (
        "The list, the non-WB ranges at CD edges and the cut by slots, worked off with mmu_lock "
        "held for read."
    )
    changed = _CHANGED
    why = _WHY
    fate = _FATE
    defects = (
        *_DEFECTS,
        "With yields gone the cut by slots gains nothing: without it OVMF takes fewer cycles.",
    )
    source = f"patches 1 to 12 of {_SERIES}"

    zap_lock = "shared"
