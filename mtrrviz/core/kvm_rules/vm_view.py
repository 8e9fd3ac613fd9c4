"""What policies get to see and what they answer: views, ranges, leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.mtrr import ALL_GFNS_END, MtrrState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GfnRange = tuple[int, int]
"""Gfns [start, end) a zap is asked for."""

ZapRequest = tuple[GfnRange, ...] | None
"""What one event makes KVM zap, in the order of zapping; None if it asks for no zap at all.

A request may be empty: KVM looks for ranges to zap and, where zaps are serialised, joins or waits
for whoever is zapping, but finds none. It counts as a zap all the same.
"""

Leaf = tuple[MemoryType, int]
"""EPT memory type and IPAT bit of a leaf."""

ZAP_EVERYTHING: GfnRange = (0, ALL_GFNS_END)
"""The zap of an MTRR write or a DMA change that affects all memory."""

ZAP_UNSHIFTED: GfnRange = (0, (1 << 64) - 1)
"""The zap of a CD edge where KVM passes ~0 as a gfn, so that it spans more than there is."""


def zaps_all(ranges: Iterable[GfnRange]) -> bool:
    """Return whether a request for these ranges zaps all memory."""
    return any(start == 0 and end >= ALL_GFNS_END for start, end in ranges)


class FaultCase(NamedTuple):
    """All that a RAM page's leaf may depend on besides the MTRRs.

    ``cd`` is CR0.CD of the faulting vCPU; ``cd_nw_quirk`` and ``ignore_guest_pat`` are the VMM's
    quirks (True: on, the default); ``noncoherent_dma`` says whether any such device is attached and
    ``self_snoop`` whether the host's CPUs have that feature.
    """

    cd: bool
    cd_nw_quirk: bool
    noncoherent_dma: bool
    self_snoop: bool = True
    ignore_guest_pat: bool = True


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

    @property
    def self_snoop(self) -> bool:
        """Whether the host's CPUs snoop their own caches on uncached accesses."""
        ...

    @property
    def ignore_guest_pat(self) -> bool:
        """Whether the VMM left KVM_X86_QUIRK_IGNORE_GUEST_PAT enabled."""
        ...

    @property
    def slots(self) -> Sequence[GfnRange]:
        """The memory slots of every address space; none given stands for the whole space."""
        ...

    @property
    def tom2_end(self) -> int:
        """Where memory that is WB by default ends above 4 GiB on an AMD host, in bytes; 0: none."""
        ...

    def mtrr(self, vcpu: int) -> MtrrState:
        """Return a vCPU's MTRRs."""
        ...

    def cd(self, vcpu: int) -> bool:
        """Return a vCPU's CR0.CD."""
        ...
