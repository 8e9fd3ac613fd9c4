"""The questions on which KVM versions differ, as one small interface.

A policy is asked; the machine asks. Whatever a version does differently must be an answer here, so
that no other module ever needs to know which policy it runs under.
"""

from __future__ import annotations

from typing import Literal, Protocol

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.mtrr import ALL_GFNS_END, MtrrState

GfnRange = tuple[int, int]
"""Gfns [start, end) a zap is asked for."""

Leaf = tuple[MemoryType, int]
"""EPT memory type and IPAT bit of a leaf."""

ZAP_EVERYTHING: GfnRange = (0, ALL_GFNS_END)
"""The zap of an MTRR write or a DMA change that affects all memory."""

ZAP_UNSHIFTED: GfnRange = (0, (1 << 64) - 1)
"""The zap of a CD edge: KVM passes ~0 as a gfn here, so it spans more than there is."""

ZapLock = Literal["exclusive", "serialized", "shared"]


class VmView(Protocol):
    """What a policy may look at to decide about a zap: the state after the change."""

    @property
    def noncoherent_dma(self) -> int:
        """Number of devices with non-coherent DMA."""
        ...

    @property
    def cd_nw_quirk(self) -> bool:
        """Whether the VMM left KVM_X86_QUIRK_CD_NW_CLEARED enabled."""
        ...

    def mtrr(self, vcpu: int) -> MtrrState:
        """Return a vCPU's MTRRs."""
        ...

    def cd(self, vcpu: int) -> bool:
        """Return a vCPU's CR0.CD."""
        ...


class Policy:
    """One KVM version's answers; this base answers as Linux 4.2 to 6.6 did.

    The class attributes describe the version: ``id`` for command lines, ``title``, ``versions``,
    ``summary``, ``defects`` (known wrong behaviour) and ``source``. ``zap_lock`` says how
    concurrent zappers share the MMU lock and ``cuts_by_memslots`` whether a zap only walks the
    slots; both matter to costs alone. A version that depends on the host (self-snoop) or on a quirk
    takes that when it is made.
    """

    id: str = ""
    title: str = ""
    versions: str = ""
    summary: str = ""
    defects: tuple[str, ...] = ()
    source: str = ""
    zap_lock: ZapLock = "exclusive"
    cuts_by_memslots: bool = False

    def mtrr_owner(self, vcpu: int) -> int:
        """Return the vCPU whose MTRRs count for a fault by ``vcpu``."""
        return vcpu

    def leaf_override(self, cd: bool, cd_nw_quirk: bool, noncoherent_dma: bool) -> Leaf | None:
        """Return the leaf of a RAM page if MTRRs have no say, None if they decide (with IPAT 0)."""
        if not noncoherent_dma:
            return MemoryType.WB, 1
        if cd:
            return (MemoryType.WB, 1) if cd_nw_quirk else (MemoryType.UC, 1)
        return None

    def mmio_leaf(self) -> Leaf:
        """Return the leaf of a host MMIO page, such as a passed-through BAR."""
        return MemoryType.UC, 0

    def mtrr_limits_level(self, noncoherent_dma: bool) -> bool:
        """Return whether mixed MTRR types forbid huge leaves."""
        return noncoherent_dma

    def zaps_on_mtrr_write(self, vm: VmView, vcpu: int, msr: int) -> tuple[GfnRange, ...]:
        """Return the zaps an accepted write of an MTRR or the PAT asks for."""
        return written_range(vm, vcpu, msr)

    def zaps_on_cd_change(self, vm: VmView, vcpu: int) -> tuple[GfnRange, ...]:
        """Return the zaps a change of CR0.CD asks for."""
        del vcpu
        return (ZAP_UNSHIFTED,) if vm.noncoherent_dma and not vm.cd_nw_quirk else ()

    def zaps_on_dma_change(self, vm: VmView) -> tuple[GfnRange, ...]:
        """Return the zaps the first device's arrival or the last one's departure asks for."""
        del vm
        return ()


def written_range(vm: VmView, vcpu: int, msr: int) -> tuple[GfnRange, ...]:
    """Return the range of the register just written, if there is non-coherent DMA to care."""
    if not vm.noncoherent_dma:
        return ()
    span = vm.mtrr(vcpu).zap_range(msr)
    return () if span is None else (span,)
