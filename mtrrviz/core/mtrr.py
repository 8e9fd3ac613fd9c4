"""One vCPU's MTRRs as KVM keeps them: writes, reads, types, uniformity and what a write zaps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mtrrviz.core.decide import MtrrRule, deciding_rules, sdm_matches, sdm_type
from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.layout import (
    TypeLayout,
    level_limit,
    type_intervals,
    type_of,
    uniform,
)
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.register_rules import refusal
from mtrrviz.core.msr.registers import (
    CAP_FEATURES,
    CR0_ID,
    DEFTYPE,
    DRAM_BITS,
    FIXED_ENABLE_BIT,
    FIXED_MSRS,
    MAX_PAIRS,
    MTRR_ENABLE_BIT,
    MTRRCAP,
    PAT,
    PAT_RESET,
    PHYSBASE0,
    REGISTERS,
    VALID_BIT,
    VARIABLE_PAIRS,
    WORD,
    fixed_subranges,
    has_register,
)
from mtrrviz.core.sdm.sdm_types import SdmLayout, valid_pairs
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.core.variable_ranges import VariableRange, pair_to_range, range_end, reserved_bits

ALL_GFNS_END = WORD >> PAGE_SHIFT
"""End of a zap of everything as an MTRR write asks for it: 2^52 - 1, KVM's gpa_to_gfn(~0)."""

_FIXED_SPANS: dict[int, tuple[int, int]] = {
    msr: (spans[0][0] >> PAGE_SHIFT, (spans[7][0] + spans[7][1]) >> PAGE_SHIFT)
    for msr, spans in ((msr, fixed_subranges(msr)) for msr in FIXED_MSRS)
}
_WITHOUT_DRAM_BITS = bytes(byte & ~(DRAM_BITS & 0xFF) for byte in range(256))
_FIXED_OFFSETS: dict[int, int] = {msr: 8 * i for i, msr in enumerate(FIXED_MSRS)}


class MtrrState:
    """The MTRRs and the PAT of one vCPU, as after RESET until written.

    ``maxphyaddr`` is the guest's physical address width in bits (12 to 64) and ``has_mtrr`` whether
    its CPUID offers MTRRs; the latter only decides the type while MTRRs are off. ``pairs`` is the
    number of variable pairs. With ``has_dram_bits`` the fixed registers also hold AMD's RdMem and
    WrMem bits. ``unknown`` are the registers that nobody told the value of: they read as after
    RESET, which is not what they hold, until they are written.
    """

    __slots__ = (
        "_bases",
        "_deftype",
        "_fixed",
        "_layout",
        "_masks",
        "_pat",
        "_sdm_layout",
        "has_dram_bits",
        "has_mtrr",
        "maxphyaddr",
        "pairs",
        "unknown",
    )

    def __init__(
        self,
        maxphyaddr: int = 46,
        has_mtrr: bool = True,
        pairs: int = VARIABLE_PAIRS,
        *,
        has_dram_bits: bool = False,
        unknown: frozenset[int] = frozenset(),
    ) -> None:
        """Create the state of a new vCPU; ValueError if a number is out of range."""
        if not PAGE_SHIFT <= maxphyaddr <= 64:
            raise ValueError(f"MAXPHYADDR must be 12 to 64 bits, not {maxphyaddr}")
        if not 0 <= pairs <= MAX_PAIRS:
            raise ValueError(f"there must be 0 to {MAX_PAIRS} pairs, not {pairs}")
        self.maxphyaddr = maxphyaddr
        self.has_mtrr = has_mtrr
        self.pairs = pairs
        self.has_dram_bits = has_dram_bits
        self.unknown = unknown
        self._bases = [0] * pairs
        # KVM sets the bits above MAXPHYADDR when a mask is written; a mask never written is 0.
        self._masks = [0] * pairs
        self._fixed = bytes(8 * len(FIXED_MSRS))
        self._deftype = 0
        self._pat = PAT_RESET
        self._layout: TypeLayout | None = None
        self._sdm_layout: SdmLayout | None = None

    def write(self, msr: int, value: int) -> None:
        """Write a register as WRMSR does.

        Raises GeneralProtectionFault, and changes nothing, where KVM refuses.
        """
        if msr == CR0_ID:
            raise GeneralProtectionFault(msr, value, "CR0 is not an MSR")
        self.check_write(msr, value)
        if msr in self.unknown:
            self.unknown -= {msr}
        if msr == PAT:
            self._pat = value
            return
        self._layout = self._sdm_layout = None
        if msr == DEFTYPE:
            self._deftype = value
        elif msr in _FIXED_SPANS:
            at = _FIXED_OFFSETS[msr]
            self._fixed = self._fixed[:at] + value.to_bytes(8, "little") + self._fixed[at + 8 :]
        elif msr & 1:
            self._masks[(msr - PHYSBASE0) >> 1] = value | reserved_bits(self.maxphyaddr)
        else:
            self._bases[(msr - PHYSBASE0) >> 1] = value

    def check_write(self, msr: int, value: int) -> None:
        """Raise GeneralProtectionFault if the write would be refused."""
        if reason := refusal(msr, value, self.maxphyaddr, self.pairs, self.has_dram_bits):
            raise GeneralProtectionFault(msr, value, reason)

    def read(self, msr: int) -> int:
        """Return a register as RDMSR does; GeneralProtectionFault if there is no such register."""
        reg = REGISTERS.get(msr)
        if reg is None or msr == CR0_ID or not has_register(reg, self.pairs):
            raise GeneralProtectionFault(msr, None, "no MTRR or PAT register has this number")
        if reg.kind == "base":
            return self._bases[reg.index]
        if reg.kind == "mask":
            return self._masks[reg.index] & ~reserved_bits(self.maxphyaddr)
        if reg.kind == "fixed":
            at = _FIXED_OFFSETS[msr]
            return int.from_bytes(self._fixed[at : at + 8], "little")
        return {MTRRCAP: CAP_FEATURES | self.pairs, DEFTYPE: self._deftype, PAT: self._pat}[msr]

    @property
    def enabled(self) -> bool:
        """Return DEF_TYPE.E: whether the MTRRs say anything at all."""
        return self._deftype & MTRR_ENABLE_BIT != 0

    @property
    def fixed_enabled(self) -> bool:
        """Return whether the fixed ranges are in use: FE, and E as well."""
        both = MTRR_ENABLE_BIT | FIXED_ENABLE_BIT
        return self._deftype & both == both

    @property
    def default_type(self) -> MemoryType:
        """Return the type field of DEF_TYPE, whether or not MTRRs are on."""
        return MemoryType(self._deftype & 0xFF)

    @property
    def disabled_type(self) -> MemoryType:
        """Return the type of all memory while E is clear: UC, or WB if CPUID has no MTRR."""
        return MemoryType.UC if self.has_mtrr else MemoryType.WB

    def variable_ranges(self) -> list[VariableRange]:
        """Return what each pair covers, by index, valid or not."""
        pairs = zip(self._bases, self._masks, strict=True)
        return [pair_to_range(base, mask, self.maxphyaddr) for base, mask in pairs]

    def walk_order(self) -> list[int]:
        """Return the indices of the valid pairs as KVM's list holds them: highest base first."""
        valid = [i for i in range(self.pairs) if self._masks[i] & VALID_BIT]
        return sorted(valid, key=self._bases.__getitem__, reverse=True)

    def fixed_types(self) -> bytes:
        """Return the 88 type codes of the fixed sub-ranges, lowest address first."""
        return self._fixed.translate(_WITHOUT_DRAM_BITS) if self.has_dram_bits else self._fixed

    @property
    def layout(self) -> TypeLayout:
        """Return what types depend on, as a value; kept until the next write."""
        if self._layout is None:
            self._layout = self._build_layout()
        return self._layout

    @property
    def sdm_layout(self) -> SdmLayout:
        """Return what types by the SDM depend on, as a value; kept until the next write."""
        if self._sdm_layout is None:
            pairs = valid_pairs(self) if self.enabled else ()
            self._sdm_layout = SdmLayout(pairs, self.layout)
        return self._sdm_layout

    def _build_layout(self) -> TypeLayout:
        if not self.enabled:
            return TypeLayout(int(self.disabled_type), None, ())
        fixed = self.fixed_types() if self.fixed_enabled else None
        spans = [(i, *self._span(i)) for i in self.walk_order()]
        ranges = tuple((a, b, self._bases[i] & 0xFF) for i, a, b in spans if a < b)
        return TypeLayout(self._deftype & 0xFF, fixed, ranges)

    def _span(self, index: int) -> tuple[int, int]:
        """Return the gfns [start, end) of a pair from the mask as stored; end 0 if it wraps."""
        base = self._bases[index]
        return base >> PAGE_SHIFT, range_end(base, self._masks[index]) >> PAGE_SHIFT

    def memory_type(self, gfn: int) -> MemoryType:
        """Return the type KVM finds for a page."""
        return MemoryType(type_of(self.layout, gfn))

    def memory_types(self, gfns: npt.ArrayLike) -> npt.NDArray[np.uint8]:
        """Return the types of many pages: uint64 in, uint8 type codes of the same shape out."""
        table = type_intervals(self.layout)
        wanted = np.asarray(gfns, dtype=np.uint64)
        return table.padded.take(np.searchsorted(table.starts, wanted, side="right"))

    def intervals(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
        """Return (starts, types) of [0, 2^52) merged: uint64 and uint8, read-only."""
        table = type_intervals(self.layout)
        return table.starts, table.types

    def is_uniform(self, gfn: int, pages: int) -> bool:
        """Return whether KVM takes these pages to have one type; it may say no though they have."""
        return uniform(self.layout, gfn, pages)

    def max_level(self, gfn: int) -> int:
        """Return the largest leaf the MTRRs allow at a page: 1 (4K), 2 (2M) or 3 (1G)."""
        return level_limit(self.layout, gfn)

    def zap_range(self, msr: int) -> tuple[int, int] | None:
        """Return the gfns [start, end) an accepted write of this register makes KVM zap.

        Taken from the state after the write (KVM: update_mtrr), non-coherent DMA assumed. None if
        nothing is asked for. The end may be at or below the start: KVM then warns, zapping nothing.
        """
        if msr == DEFTYPE:
            return 0, ALL_GFNS_END
        if not self.enabled:
            return None
        if msr in _FIXED_SPANS:
            return _FIXED_SPANS[msr] if self.fixed_enabled else None
        reg = REGISTERS.get(msr)
        return self._span(reg.index) if reg and reg.kind in ("base", "mask") else None

    def deciding(self, gfn: int) -> list[MtrrRule]:
        """Return the rules that decided a page's type, in the order KVM's walk meets them."""
        return deciding_rules(self, gfn)

    def sdm_memory_type(self, gfn: int) -> MemoryType | None:
        """Return the type the SDM gives a page, None where it calls the overlap undefined."""
        return sdm_type(self, gfn)

    def sdm_matches(self, gfn: int) -> dict[int, MemoryType]:
        """Return the variable pairs that hold a page by the SDM, with their types."""
        return sdm_matches(self, gfn)

    def contents(self) -> tuple[object, ...]:
        """Return all registers as one hashable value, equal for states that read alike."""
        reserved = reserved_bits(self.maxphyaddr)  # set in masks once they are written
        pairs = tuple(self._bases), tuple(mask & ~reserved for mask in self._masks)
        return self._deftype, self._pat, self._fixed, *pairs, self.unknown

    def signature(self) -> TypeLayout:
        """Return a hashable value that is equal for states with equal types and levels."""
        return self.layout

    def copy(self, has_mtrr: bool | None = None) -> MtrrState:
        """Return an independent state with the same registers; CPUID's bit may be another."""
        twin = MtrrState.__new__(MtrrState)
        twin.maxphyaddr = self.maxphyaddr
        twin.has_mtrr = self.has_mtrr if has_mtrr is None else has_mtrr
        twin.pairs, twin.has_dram_bits = self.pairs, self.has_dram_bits
        twin.unknown = self.unknown
        # The twin is of this very class.
        twin._bases, twin._masks = self._bases.copy(), self._masks.copy()  # noqa: SLF001
        twin._fixed = self._fixed  # noqa: SLF001
        is_alike = twin.has_mtrr == self.has_mtrr
        twin._layout = self._layout if is_alike else None  # noqa: SLF001
        twin._sdm_layout = self._sdm_layout if is_alike else None  # noqa: SLF001
        twin._deftype, twin._pat = self._deftype, self._pat  # noqa: SLF001
        return twin
