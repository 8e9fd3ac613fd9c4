"""The zap rules KVM has had: what MTRR writes, CR0.CD edges and devices make it drop.

A rule is a small value that a policy names; it is asked after the change and answers with one
request, or None. Everything here holds for non-coherent DMA only, where KVM honours MTRRs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mtrrviz.core.costs.zap_queue import queued, within_slots
from mtrrviz.core.kvm_rules.vm_view import ZAP_EVERYTHING, ZAP_UNSHIFTED, GfnRange, ZapRequest
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.vm_view import VmView
    from mtrrviz.core.mtrr import MtrrState

FIXED_BLOCK: GfnRange = (0, FIXED_LIMIT_GFN)
"""The fixed ranges as one entry of the list: the first MiB."""

_WB_BYTE = bytes([MemoryType.WB])


class WriteRule(Protocol):
    """Answers an accepted write of an MTRR or the PAT."""

    def zaps(self, vm: VmView, vcpu: int, msr: int, /) -> ZapRequest:
        """Return the ranges the write asks for."""
        ...


class CdRule(Protocol):
    """Answers a change of CR0.CD, either way."""

    def zaps(self, vm: VmView, vcpu: int, /) -> ZapRequest:
        """Return the ranges the edge asks for."""
        ...


class DmaRule(Protocol):
    """Answers the first device's arrival and the last one's departure."""

    def zaps(self, vm: VmView, /) -> ZapRequest:
        """Return the ranges the change asks for."""
        ...


class NoZap(Record):
    """Nothing is dropped; fits wherever a rule is asked for."""

    def zaps(self, *_asked: object) -> ZapRequest:
        """Return no request."""
        return None


class WrittenRange(Record):
    """The range of the register just written (KVM: update_mtrr).

    ``only_vcpu`` restricts it to one writer, ``only_caches_on`` to writers with CR0.CD=0, and
    ``in_slots`` cuts it by the memory slots.
    """

    only_vcpu: int | None = None
    only_caches_on: bool = False
    in_slots: bool = False

    def zaps(self, vm: VmView, vcpu: int, msr: int) -> ZapRequest:
        """Return the range if this writer counts, taken from the registers after the write."""
        if not vm.noncoherent_dma or self.only_vcpu not in (None, vcpu):
            return None
        if self.only_caches_on and vm.cd(vcpu):
            return None
        span = vm.mtrr(vcpu).zap_range(msr)
        if span is None:
            return None
        return within_slots(span, vm.slots) if self.in_slots else (span,)


class EverythingOnCdEdge(Record):
    """All memory at a CD edge; with the CD_NW quirk on only if ``even_with_quirk``."""

    even_with_quirk: bool
    span: GfnRange = ZAP_UNSHIFTED

    def zaps(self, vm: VmView, vcpu: int) -> ZapRequest:
        """Return all memory or no request; whose CD changed makes no difference."""
        del vcpu
        due = self.even_with_quirk or not vm.cd_nw_quirk
        return (self.span,) if vm.noncoherent_dma and due else None


class NonWbOnCdEdge(Record):
    """Only what differs between CD=1 and CD=0 by the toggling vCPU's own MTRRs.

    With the quirk on, memory is WB under CD=1, so where the default type is WB as well only the
    ranges of another type need to go. Anything else drops all memory, cut by the slots if
    ``in_slots``; the listed ranges never are.
    """

    in_slots: bool = False

    def zaps(self, vm: VmView, vcpu: int) -> ZapRequest:
        """Return the ranges that are not WB (maybe none), all memory, or no request."""
        if not vm.noncoherent_dma:
            return None
        state = vm.mtrr(vcpu)
        usual = state.default_type if state.enabled else state.disabled_type
        if not vm.cd_nw_quirk or usual != MemoryType.WB:
            return within_slots(ZAP_EVERYTHING, vm.slots) if self.in_slots else (ZAP_EVERYTHING,)
        return non_wb_ranges(state) if state.enabled else None


def non_wb_ranges(state: MtrrState) -> tuple[GfnRange, ...]:
    """Return what the registers call other than WB, as queued.

    The fixed block goes as one range if any of its 88 bytes is not WB, whether or not FE is set;
    then each valid variable range of another type, as far as KVM takes it to reach.
    """
    spans = [
        (span.start_gfn, span.end_gfn)
        for span in state.variable_ranges()
        if span.valid and span.type != MemoryType.WB
    ]
    if state.fixed_types().strip(_WB_BYTE):
        spans.append(FIXED_BLOCK)
    return queued(spans)


class EverythingOnDma(Record):
    """All memory when non-coherent DMA comes or goes: types and IPAT change everywhere."""

    def zaps(self, vm: VmView) -> ZapRequest:
        """Return all memory."""
        del vm
        return (ZAP_EVERYTHING,)


class OnDmaWithoutSelfSnoop(Record):
    """All memory, unless self-snoop makes leaves the same with and without devices."""

    def zaps(self, vm: VmView) -> ZapRequest:
        """Return all memory on CPUs without self-snoop."""
        return None if vm.self_snoop else (ZAP_EVERYTHING,)


class OnDmaWithPatQuirk(Record):
    """All memory, unless the quirk is off and leaves are the same with and without devices."""

    def zaps(self, vm: VmView) -> ZapRequest:
        """Return all memory while guest PAT is ignored without devices."""
        return (ZAP_EVERYTHING,) if vm.ignore_guest_pat else None
