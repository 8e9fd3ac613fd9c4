"""A VM as far as memory types go: every vCPU's MTRRs and CR0, devices, and the policy in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.early_ends import ends_early
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.faultmap import FaultMap, Lookup, fault_map_for
from mtrrviz.core.kvm_rules.vm_view import FaultCase
from mtrrviz.core.msr.register_rules import check_write
from mtrrviz.core.msr.registers import (
    CR0_CD,
    CR0_ET,
    CR0_ID,
    CR0_NW,
    CR0_RESET,
    REGISTERS,
    VARIABLE_PAIRS,
)
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.policies import DEFAULT_POLICY_ID, get_policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.core.kvm_rules.vm_view import GfnRange, Leaf, ZapRequest
    from mtrrviz.core.memtype import MemoryType

#: Why KVM does not let a VMM have the guest's PAT count always.
NEEDS_SELF_SNOOP = "the quirk IGNORE_GUEST_PAT can only be disabled on a host with self-snoop"

_CR0_DEFINED = sum(field.mask for field in REGISTERS[CR0_ID].fields if field.kind == "flag")


class Machine:
    """A VM after RESET, driven by register writes and device changes; gives leaves for faults.

    Holds no EPT: who keeps leaves applies the zaps the methods return, as gfns [start, end). The
    ranges one call returns, in the order in which they are zapped, are one request, and what is
    called the number of zaps is ``zap_requests``: it goes up by at most one a call, also for a
    request that turns out to hold no range. A zap may end beyond the space (CD edges may pass
    2^64 - 1), and ranges that end at or before their start are not returned but counted in
    ``bad_zaps``; ``last_bad_zap`` is the latest. Of the settings only the two quirks change.
    """

    __slots__ = (
        "_cr0",
        "_mtrrs",
        "_noncoherent_dma",
        "_shared",
        "bad_zaps",
        "cd_nw_quirk",
        "ignore_guest_pat",
        "last_bad_zap",
        "policy",
        "self_snoop",
        "slots",
        "tom2_end",
        "vcpus",
        "zap_requests",
    )

    def __init__(  # noqa: PLR0913 - the settings of a VM, each with KVM's default
        self,
        vcpus: int,
        policy: str | Policy = DEFAULT_POLICY_ID,
        maxphyaddr: int = 46,
        has_mtrr: bool = True,
        cd_nw_quirk: bool = True,
        *,
        self_snoop: bool = True,
        ignore_guest_pat: bool = True,
        slots: Iterable[GfnRange] = (),
        pairs: int = VARIABLE_PAIRS,
        has_dram_bits: bool = False,
        tom2_end: int = 0,
        unknown: Iterable[tuple[int, int]] = (),
    ) -> None:
        """Create the VM; ``slots`` are gfns [start, end), none given is the whole space.

        A real machine may have other ``pairs`` than KVM's eight, AMD's bits in fixed registers and
        ``tom2_end`` (bytes). ``unknown`` are (vCPU, MSR) whose values are not known.

        MtrrvizError if there is no such policy or no vCPU, and if the VMM turns
        ``ignore_guest_pat`` off on a host without ``self_snoop``.
        """
        if vcpus < 1:
            raise MtrrvizError(f"a machine needs at least one vCPU, not {vcpus}")
        if not (ignore_guest_pat or self_snoop):
            raise MtrrvizError(NEEDS_SELF_SNOOP)
        self.vcpus = vcpus
        self.policy = get_policy(policy) if isinstance(policy, str) else policy
        self.cd_nw_quirk = cd_nw_quirk
        self.self_snoop = self_snoop
        self.ignore_guest_pat = ignore_guest_pat
        self.slots = tuple(slots)
        self.zap_requests = 0
        self.bad_zaps = 0
        self.last_bad_zap: GfnRange | None = None
        self._noncoherent_dma = 0
        self._cr0 = [CR0_RESET] * vcpus
        self.tom2_end = tom2_end
        # States are shared until written: with other vCPUs at first, with copies later.
        state = MtrrState(maxphyaddr, has_mtrr, pairs, has_dram_bits=has_dram_bits)
        self._mtrrs = [state] * vcpus
        self._set_unknown(unknown)
        self._shared = bytearray(b"\1") * vcpus

    def _set_unknown(self, unknown: Iterable[tuple[int, int]]) -> None:
        """Give each vCPU its unknown registers; vCPUs with the same ones share a state."""
        of_vcpu: dict[int, set[int]] = {}
        for vcpu, msr in unknown:
            of_vcpu.setdefault(vcpu, set()).add(msr)
        states: dict[frozenset[int], MtrrState] = {}
        for vcpu, msrs in of_vcpu.items():
            if not 0 <= vcpu < self.vcpus:
                raise self._no_vcpu(vcpu)
            state = states.setdefault(frozenset(msrs), self._mtrrs[vcpu].copy())
            state.unknown = frozenset(msrs)
            self._mtrrs[vcpu] = state

    def write_msr(self, vcpu: int, msr: int, value: int) -> list[GfnRange]:
        """Write an MTRR or the PAT of a vCPU and return the zaps.

        Raises GeneralProtectionFault, with nothing changed, where KVM refuses.
        """
        if not 0 <= vcpu < self.vcpus:
            raise self._no_vcpu(vcpu)
        if self._shared[vcpu]:
            state = self._mtrrs[vcpu].copy()
            state.write(msr, value)
            self._mtrrs[vcpu], self._shared[vcpu] = state, 0
        else:
            self._mtrrs[vcpu].write(msr, value)
        return self._accepted(self.policy.write_rule.zaps(self, vcpu, msr))

    def read_msr(self, vcpu: int, msr: int) -> int:
        """Return a vCPU's register; GeneralProtectionFault if there is none of this number."""
        return self.mtrr(vcpu).read(msr)

    def write_cr0(self, vcpu: int, value: int) -> list[GfnRange]:
        """Write CR0 and return the zaps a change of CD causes.

        ET reads as 1 and reserved bits as 0, as on hardware. GeneralProtectionFault for a
        combination MOV to CR0 refuses.
        """
        if not 0 <= vcpu < self.vcpus:
            raise self._no_vcpu(vcpu)
        check_write(CR0_ID, value, 64)
        flipped = self._cr0[vcpu] ^ value
        self._cr0[vcpu] = value & _CR0_DEFINED | CR0_ET
        if not flipped & CR0_CD:
            return []
        return self._accepted(self.policy.cd_rule.zaps(self, vcpu))

    def cr0(self, vcpu: int) -> int:
        """Return a vCPU's CR0."""
        if not 0 <= vcpu < self.vcpus:
            raise self._no_vcpu(vcpu)
        return self._cr0[vcpu]

    def cd(self, vcpu: int) -> bool:
        """Return a vCPU's CR0.CD: caches disabled."""
        return self.cr0(vcpu) & CR0_CD != 0

    def init(self, vcpu: int) -> list[GfnRange]:
        """Deliver INIT: CR0 becomes 0x10 with CD and NW kept; MTRRs stay. Never zaps."""
        self._cr0[vcpu] = CR0_ET | self.cr0(vcpu) & (CR0_CD | CR0_NW)
        return []

    @property
    def noncoherent_dma(self) -> int:
        """Return how many devices with non-coherent DMA are attached."""
        return self._noncoherent_dma

    def attach_noncoherent_dma(self) -> list[GfnRange]:
        """Attach one such device and return the zaps, if it is the first."""
        self._noncoherent_dma += 1
        return self._dma_changed() if self._noncoherent_dma == 1 else []

    def detach_noncoherent_dma(self) -> list[GfnRange]:
        """Detach one such device and return the zaps, if it was the last; MtrrvizError if none."""
        if not self._noncoherent_dma:
            raise MtrrvizError("no device with non-coherent DMA is attached")
        self._noncoherent_dma -= 1
        return [] if self._noncoherent_dma else self._dma_changed()

    def disable_cd_nw_quirk(self) -> list[GfnRange]:
        """Disable KVM_X86_QUIRK_CD_NW_CLEARED. Never zaps: leaves stay as they were made."""
        self.cd_nw_quirk = False
        return []

    def disable_ignore_guest_pat(self) -> list[GfnRange]:
        """Disable KVM_X86_QUIRK_IGNORE_GUEST_PAT. Never zaps: leaves stay as they were made.

        MtrrvizError without self-snoop, where KVM refuses.
        """
        if not self.self_snoop:
            raise MtrrvizError(NEEDS_SELF_SNOOP)
        self.ignore_guest_pat = False
        return []

    def _dma_changed(self) -> list[GfnRange]:
        return self._accepted(self.policy.dma_rule.zaps(self))

    def mtrr(self, vcpu: int) -> MtrrState:
        """Return a vCPU's MTRRs, to read only: it may be shared with other vCPUs and copies."""
        if not 0 <= vcpu < self.vcpus:
            raise self._no_vcpu(vcpu)
        return self._mtrrs[vcpu]

    def deciding_mtrr(self, vcpu: int) -> MtrrState:
        """Return the MTRRs that count for a fault by this vCPU, as the policy sees them."""
        return self.policy.mtrr_seen(self.mtrr(self.policy.mtrr_owner(vcpu)))

    def fault_case(self, vcpu: int) -> FaultCase:
        """Return what a leaf of this vCPU depends on besides the MTRRs."""
        return FaultCase(
            self.cd(vcpu),
            self.cd_nw_quirk,
            self._noncoherent_dma > 0,
            self.self_snoop,
            self.ignore_guest_pat,
        )

    def leaf(self, vcpu: int, gfn: int, mmio: bool = False) -> Leaf:
        """Return the (type, IPAT) a fault by this vCPU gets (KVM: vmx_get_mt_mask)."""
        if mmio:
            return self.policy.mmio_leaf()
        override = self.override(vcpu)
        return override or (self.mtrr_type(vcpu, gfn), 0)

    def mtrr_type(self, vcpu: int, gfn: int) -> MemoryType:
        """Return the type a fault's MTRRs give by the policy's lookup, whatever CR0.CD says.

        Where the SDM leaves it undefined it is KVM's. A guest's; a real machine has no faults.
        """
        state = self.deciding_mtrr(vcpu)
        sdm = state.sdm_memory_type(gfn) if self.policy.follows_sdm else None
        return state.memory_type(gfn) if sdm is None else sdm

    def max_level(self, vcpu: int, gfn: int) -> int:
        """Return the largest leaf level the MTRRs allow a fault by this vCPU: 1, 2 or 3."""
        if not self.policy.mtrr_limits_level(self._noncoherent_dma > 0):
            return 3
        if self.policy.follows_sdm:
            return self.fault_map(vcpu).at(gfn)[1]
        return self.deciding_mtrr(vcpu).max_level(gfn)

    def leaks_srcu(self, vcpu: int, gfn: int) -> bool:
        """Return whether this fault on RAM leaves an SRCU read lock held (a patch as posted)."""
        if not self.policy.leaks_srcu or self.override(vcpu) is not None:
            return False
        return ends_early(self.deciding_mtrr(vcpu).layout, gfn)

    def fault_map(self, vcpu: int) -> FaultMap:
        """Return all these answers for every page at once; one object for vCPUs that agree."""
        limits = self.policy.mtrr_limits_level(self._noncoherent_dma > 0)
        state, override = self.deciding_mtrr(vcpu), self.override(vcpu)
        sdm = self.policy.sdm_layout(self, state)
        return fault_map_for(state.layout, override, limits, Lookup(self.policy.leaks_srcu, sdm))

    def override(self, vcpu: int) -> Leaf | None:
        """Return what RAM gets whatever the MTRRs of this vCPU say; None if they decide."""
        return self.policy.leaf_override(self.fault_case(vcpu))

    def copy(self) -> Machine:
        """Return an independent machine in the same state; MTRR states are copied when written."""
        twin = Machine.__new__(Machine)
        twin.vcpus, twin.policy, twin.cd_nw_quirk = self.vcpus, self.policy, self.cd_nw_quirk
        twin.self_snoop, twin.ignore_guest_pat = self.self_snoop, self.ignore_guest_pat
        twin.tom2_end = self.tom2_end
        twin.slots, twin.zap_requests = self.slots, self.zap_requests
        twin.bad_zaps, twin.last_bad_zap = self.bad_zaps, self.last_bad_zap
        self._shared = bytearray(b"\1") * self.vcpus
        # The twin is of this very class.
        twin._noncoherent_dma, twin._shared = self._noncoherent_dma, self._shared.copy()  # noqa: SLF001
        twin._cr0, twin._mtrrs = self._cr0.copy(), self._mtrrs.copy()  # noqa: SLF001
        return twin

    def _accepted(self, request: ZapRequest) -> list[GfnRange]:
        """Return the ranges that zap; count the request, and ranges that KVM warns about."""
        if request is None:
            return []
        good = list(request)
        for start_gfn, end_gfn in request:
            if start_gfn >= end_gfn:
                good = self._without_bad(request)
                break
        if good or not request:
            self.zap_requests += 1
        return good

    def _without_bad(self, request: Iterable[GfnRange]) -> list[GfnRange]:
        """Note the ranges that KVM warns about and return the others."""
        good: list[GfnRange] = []
        for span in request:
            if span[0] < span[1]:
                good.append(span)
            else:
                self.bad_zaps += 1
                self.last_bad_zap = span
        return good

    def _no_vcpu(self, vcpu: int) -> MtrrvizError:
        return MtrrvizError(f"no vCPU {vcpu}: this machine has 0 to {self.vcpus - 1}")
