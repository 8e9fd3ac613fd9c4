"""What a real processor makes of its MTRRs, where no KVM is in between.

SDM vol. 3A 12.11.4.1 for Intel. AMD's manual (APM vol. 2, 7.9) differs in two things: with TOM2 and
ForceWB on, memory from 4 GiB to TOM2 is WB where no pair says otherwise; and the bytes of fixed
registers also say where reads and writes go (RdMem, WrMem), which the type does not depend on.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.layout import FIXED_LIMIT_GFN, FIXED_STARTS, TypeLayout
from mtrrviz.core.memtype import MemoryType, PatType, effective_type
from mtrrviz.core.msr.registers import (
    DEFTYPE,
    FIXED_MSRS,
    VALID_BIT,
    pair_msrs,
)
from mtrrviz.core.sdm.sdm_pairs import UNDEFINED, pair_borders
from mtrrviz.core.sdm.sdm_types import (
    TOM2_START,
    UNKNOWN,
    SdmLayout,
    SdmTypes,
    sdm_types,
    valid_pairs,
)
from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.core.kvm_rules.vm_view import VmView
    from mtrrviz.core.mtrr import MtrrState


class HostType(IntEnum):
    """The type of a page on a real machine: one of MemoryType's, or why none can be given."""

    UC = MemoryType.UC
    WC = MemoryType.WC
    UNKNOWN = UNKNOWN
    WT = MemoryType.WT
    WP = MemoryType.WP
    WB = MemoryType.WB
    UNDEFINED = UNDEFINED

    @property
    def label(self) -> str:
        """Return the short name: "WB", "unknown" or "undefined"."""
        return self.name if self.memory_type is not None else self.name.lower()

    @property
    def meaning(self) -> str:
        """Return one line: what the processor may do with such memory, or why it is not known."""
        if self is HostType.UNKNOWN:
            return "registers of unknown value decide it"
        if self is HostType.UNDEFINED:
            return "ranges of types overlap here that the SDM gives no rule for"
        return MemoryType(self).meaning

    @property
    def memory_type(self) -> MemoryType | None:
        """Return the memory type, None for UNKNOWN and UNDEFINED."""
        return None if self in (HostType.UNKNOWN, HostType.UNDEFINED) else MemoryType(self)


def labels(types: Iterable[HostType]) -> str:
    """Return types in words, such as "WB" or "UC or WB"."""
    return " or ".join(kind.label for kind in types)


def hardware_layout(state: MtrrState, tom2_end: int = 0) -> SdmLayout:
    """Return what the types of a real CPU with these registers depend on.

    ``tom2_end`` is TOM2 in bytes if ForceWB makes it count, else 0.
    """
    if DEFTYPE in state.unknown:
        return SdmLayout((), TypeLayout(UNKNOWN, None, ()), is_hardware=True)
    if not state.enabled:
        return SdmLayout((), state.layout._replace(fixed=None, ranges=()), is_hardware=True)
    fixed = _known_fixed(state) if state.fixed_enabled else None
    shared = TypeLayout(state.default_type, fixed, ())
    is_open = any(_is_open(state, number) for number in range(state.pairs))
    pairs = valid_pairs(state, state.unknown)
    return SdmLayout(pairs, shared, True, tom2_end >> PAGE_SHIFT, is_open)


def _is_open(state: MtrrState, number: int) -> bool:
    """Return whether it is not known what a pair covers; one whose mask says V = 0 is off."""
    base, mask = pair_msrs(number)
    is_on = bool(state.read(mask) & VALID_BIT)
    return mask in state.unknown or (is_on and base in state.unknown)


def _known_fixed(state: MtrrState) -> bytes:
    """Return the 88 types of the fixed ranges, UNKNOWN where the register's value is not known."""
    types = bytearray(state.fixed_types())
    for number, msr in enumerate(FIXED_MSRS):
        if msr in state.unknown:
            types[8 * number : 8 * number + 8] = bytes([UNKNOWN]) * 8
    return bytes(types)


def hardware_types(machine: VmView, vcpu: int) -> SdmTypes:
    """Return the types of all pages on one CPU of a real machine."""
    return sdm_types(hardware_layout(machine.mtrr(vcpu), machine.tom2_end))


def hardware_borders(machine: VmView, vcpu: int) -> set[int]:
    """Return every gfn at which other registers may begin to decide the type of pages.

    Of a pair whose mask has too many holes only the outermost (see :func:`pair_borders`).
    """
    layout = hardware_layout(machine.mtrr(vcpu), machine.tom2_end)
    borders = {border for pair in layout.pairs for border in pair_borders(pair)}
    if layout.kvm.fixed is not None:
        borders |= {*FIXED_STARTS, FIXED_LIMIT_GFN}
    if layout.tom2_end:
        borders |= {TOM2_START, layout.tom2_end}
    return borders


def hardware_type(machine: VmView, vcpu: int, gfn: int) -> HostType:
    """Return the type that the MTRRs of one CPU of a real machine give a page."""
    found = hardware_types(machine, vcpu).types_at(np.array([gfn], np.uint64))
    return HostType(int(found[0]))


def with_pat(found: HostType, pat: PatType) -> HostType:
    """Return the type in effect where a page table entry selects this PAT type.

    See SDM vol. 3A table 12-7. Where the MTRRs' type is not known there still is one if it does not
    depend on them: for UC and WC of the PAT.
    """
    known = found.memory_type
    results = {effective_type(kind, 0, pat) for kind in (MemoryType if known is None else [known])}
    return HostType(results.pop()) if len(results) == 1 else found
