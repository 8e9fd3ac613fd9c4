"""The questions on which KVM versions differ, as one small interface.

The machine asks its policy. Whatever a version does differently is an answer here, so that no other
module needs to know which policy is in force. A policy is put together from named rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.kvm_rules.leaf_rules import WB_IGNORE_PAT, HonoursMtrrs, LeafRule
from mtrrviz.core.kvm_rules.vm_view import (
    ZAP_EVERYTHING,
    ZAP_UNSHIFTED,
    FaultCase,
    GfnRange,
    Leaf,
    VmView,
    ZapRequest,
)
from mtrrviz.core.kvm_rules.zap_rules import (
    CdRule,
    DmaRule,
    EverythingOnCdEdge,
    NoZap,
    WriteRule,
    WrittenRange,
)
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.core.sdm.sdm_types import SdmLayout

__all__ = [
    "ZAP_EVERYTHING",
    "ZAP_UNSHIFTED",
    "FaultCase",
    "GfnRange",
    "Leaf",
    "Policy",
    "Switch",
    "VmView",
    "ZapLock",
    "ZapRequest",
]

ZapLock = Literal["exclusive", "shared"]
"""How a zap holds mmu_lock while it walks the EPT: for write, or for read."""


class Switch(Record):
    """A way to run a policy other than as meant: ``id`` for command lines, and what it does."""

    id: str
    title: str
    meaning: str


SDM_LOOKUP = Switch(
    "sdm-lookup",
    "Types by the SDM, not by KVM's walk",
    "A page's type is found as the SDM says: the order of overlapping ranges does not matter, UC "
    "beats all, WT beats WB, and holes in masks are not covered. Where the SDM leaves an "
    "overlap undefined KVM's type is kept. No KVM did this; it shows where the walk goes its own "
    "way.",
)
"""Offered by every policy under which MTRRs have a say."""


class Policy:
    """One KVM version's answers; this base answers as Linux 4.2 to 6.6 did.

    Texts: ``id`` for command lines, ``title``, ``versions`` (or the mail), ``summary`` (what it
    does), ``changed`` (against the one before), ``why`` it came, ``fate`` (why it went, or how it
    fared), ``defects`` (known wrong behaviour) and ``source``. ``variants`` are the switches that
    only this policy has.

    The rules: ``leaf_rule``, ``owner`` (the vCPU whose MTRRs count, None for the one that faults),
    ``limits_levels`` (mixed MTRR types forbid huge leaves), ``write_rule``, ``cd_rule`` and
    ``dma_rule``.

    For costs alone: ``zap_lock``; ``serialises``, whether MTRR-write and CD-edge zaps (never those
    of devices) go into one list that one vCPU processes while the others wait; and
    ``cuts_by_memslots``, whether zaps of written ranges and of all memory only walk the slots.

    A policy has no state and its answers depend on the host and the VMM through the view alone.
    """

    id: str = ""
    title: str = ""
    versions: str = ""
    summary: str = ""
    changed: str = ""
    why: str = ""
    fate: str = ""
    defects: tuple[str, ...] = ()
    source: str = ""
    variants: tuple[Switch, ...] = ()

    leaf_rule: LeafRule = HonoursMtrrs(caches_off=WB_IGNORE_PAT)
    owner: int | None = None
    limits_levels: bool = True
    write_rule: WriteRule = WrittenRange()
    cd_rule: CdRule = EverythingOnCdEdge(even_with_quirk=False)
    dma_rule: DmaRule = NoZap()

    def __repr__(self) -> str:
        return f"<Policy {self.id}>"

    zap_lock: ZapLock = "exclusive"
    serialises: bool = False
    cuts_by_memslots: bool = False

    def __init__(self, *switch_ids: str) -> None:
        """Make the policy, with the named switches on; MtrrvizError if it has no such switch.

        A policy with switches on has them in its id: "per-vm:srcu-leak".
        """
        known = [switch.id for switch in self.switches]
        for wanted in switch_ids:
            if wanted not in known:
                has = f"its switches are {', '.join(known)}" if known else "it has none"
                raise MtrrvizError(f"policy {self.id!r} has no switch {wanted!r}: {has}")
        self.active = tuple(name for name in known if name in switch_ids)
        self.id = ":".join((type(self).id, *self.active))

    @property
    def switches(self) -> tuple[Switch, ...]:
        """Return all switches: those of this policy alone, then those of all that ask MTRRs."""
        return (*self.variants, SDM_LOOKUP) if self.asks_mtrrs else self.variants

    @property
    def asks_mtrrs(self) -> bool:
        """Return whether there is a case in which MTRRs decide a leaf's type."""
        case = FaultCase(cd=False, cd_nw_quirk=True, noncoherent_dma=True)
        return self.leaf_rule.override(case) is None

    @property
    def follows_sdm(self) -> bool:
        """Return whether types are looked up as the SDM says instead of as KVM does."""
        return SDM_LOOKUP.id in self.active

    def sdm_layout(self, vm: VmView, state: MtrrState) -> SdmLayout | None:
        """Return what types depend on if the SDM's lookup finds them; None for KVM's walk."""
        del vm
        return state.sdm_layout if self.follows_sdm else None

    def switched(self, switch_id: str, *, on: bool) -> str:
        """Return the id of this policy with one switch on or off, the others as they are."""
        active = {*self.active, switch_id} if on else {*self.active} - {switch_id}
        names = (switch.id for switch in self.switches if switch.id in active)
        return ":".join((type(self).id, *names))

    def mtrr_owner(self, vcpu: int) -> int:
        """Return the vCPU whose MTRRs count for a fault by ``vcpu``."""
        return vcpu if self.owner is None else self.owner

    def mtrr_seen(self, state: MtrrState) -> MtrrState:
        """Return the owner's MTRRs as faults see them; a state to read only."""
        return state

    @property
    def leaks_srcu(self) -> bool:
        """Return whether a lookup that ends early leaves the SRCU read lock held."""
        return False

    def leaf_override(self, case: FaultCase) -> Leaf | None:
        """Return the leaf of a RAM page if MTRRs have no say, None if they decide (with IPAT 0)."""
        return self.leaf_rule.override(case)

    def mmio_leaf(self) -> Leaf:
        """Return the leaf of a host MMIO page, such as a passed-through BAR."""
        return MemoryType.UC, 0

    def may_zap_on_writes(self, noncoherent_dma: bool) -> bool:
        """Return whether a write of any register, CR0 as well, may ask for a zap at all."""
        rules = (self.write_rule, self.cd_rule)
        return noncoherent_dma and not all(isinstance(rule, NoZap) for rule in rules)

    def mtrr_limits_level(self, noncoherent_dma: bool) -> bool:
        """Return whether mixed MTRR types forbid huge leaves."""
        return noncoherent_dma and self.limits_levels
