"""The leaf rules KVM has had: what a fault on guest RAM gets before MTRRs are asked.

A policy names the rule that it follows. Host MMIO is not decided here: every version makes it UC
with the guest's PAT in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.vm_view import FaultCase, Leaf

WB_IGNORE_PAT: Leaf = (MemoryType.WB, 1)
WB_WITH_PAT: Leaf = (MemoryType.WB, 0)
UC_IGNORE_PAT: Leaf = (MemoryType.UC, 1)


class LeafRule(Protocol):
    """Decides a RAM page's leaf, or leaves it to the MTRRs."""

    def override(self, case: FaultCase) -> Leaf | None:
        """Return the leaf if MTRRs have no say, None if they decide (with IPAT 0)."""
        ...


class HonoursMtrrs(Record):
    """Up to 6.10: with non-coherent DMA and caches on, the guest's MTRRs decide.

    ``caches_off`` is the leaf under CR0.CD=1 with the CD_NW quirk on; with it off, UC with IPAT
    stands in for the CD bit that the hardware never gets to see.
    """

    caches_off: Leaf

    def override(self, case: FaultCase) -> Leaf | None:
        """Ask for devices first, then for CD of the faulting vCPU."""
        if not case.noncoherent_dma:
            return WB_IGNORE_PAT
        if not case.cd:
            return None
        return self.caches_off if case.cd_nw_quirk else UC_IGNORE_PAT


class AlwaysMtrrs(Record):
    """A real machine: the MTRRs always decide."""

    def override(self, case: FaultCase) -> Leaf | None:
        """Return None."""
        del case


class PatWithDma(Record):
    """From 6.11: always WB; the guest's PAT counts while there is non-coherent DMA."""

    def override(self, case: FaultCase) -> Leaf | None:
        """Return WB; CD and MTRRs are not looked at."""
        return WB_WITH_PAT if case.noncoherent_dma else WB_IGNORE_PAT


class PatWithSelfSnoop(Record):
    """6.11-rc: on CPUs with self-snoop the guest's PAT counts always, else as ``PatWithDma``."""

    def override(self, case: FaultCase) -> Leaf | None:
        """Return WB; only whether PAT is ignored varies."""
        return WB_WITH_PAT if case.self_snoop or case.noncoherent_dma else WB_IGNORE_PAT


class PatUnlessQuirk(Record):
    """From 6.16: the guest's PAT is ignored only while the quirk says so and no device needs it."""

    def override(self, case: FaultCase) -> Leaf | None:
        """Return WB; only whether PAT is ignored varies."""
        ignored = case.ignore_guest_pat and not case.noncoherent_dma
        return WB_IGNORE_PAT if ignored else WB_WITH_PAT
