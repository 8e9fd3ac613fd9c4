"""Why a page of a real machine has its type: every rule that applies, and those that decide.

SDM vol. 3A 12.11.4.1; AMD's TOM2 by APM vol. 2, 7.9. A register whose value is not known may apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.decide import deciding_rules
from mtrrviz.core.layout import FIXED_LIMIT_GFN, fixed_index
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.describe import describe_pair
from mtrrviz.core.msr.registers import (
    DEFTYPE,
    DRAM_BITS,
    FIXED_MSRS,
    READ_DRAM_BIT,
    VALID_BIT,
    WRITE_DRAM_BIT,
    pair_msrs,
)
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType, hardware_type
from mtrrviz.core.units import PAGE_SHIFT, format_gpa

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.vm_view import VmView
    from mtrrviz.core.mtrr import MtrrState


class HostRule(Record):
    """One rule that applies to a page of a real machine.

    ``kind`` is "enable", "fixed", "variable", "tom2" or "default"; ``msrs`` are the registers it
    comes from, ``index`` the pair's number or the byte of a fixed register, else None. ``type`` is
    what it says, None where that is not known. ``decides``: the page's type comes from it. ``note``
    says the same in plain words, ``name`` what the rule is.
    """

    kind: str
    msrs: tuple[int, ...]
    index: int | None
    type: MemoryType | None
    decides: bool
    name: str
    note: str

    @property
    def type_words(self) -> str:
        """The type, or "unknown"."""
        return "unknown" if self.type is None else self.type.name


def host_rules(machine: VmView, vcpu: int, gfn: int) -> list[HostRule]:
    """Return the rules that apply to a page; at least one of them decides."""
    state = machine.mtrr(vcpu)
    if DEFTYPE in state.unknown:
        note = "its value is not known, so no type is"
        return [HostRule("enable", (DEFTYPE,), None, None, True, "IA32_MTRR_DEF_TYPE", note)]
    if not state.enabled or (state.fixed_enabled and gfn < FIXED_LIMIT_GFN):
        return [_sole_rule(state, gfn)]
    found = hardware_type(machine, vcpu, gfn)
    pairs = [*_pair_rules(state, gfn, found), *_open_rules(state, found)]
    if any(rule.type is not None for rule in pairs):
        return pairs
    return [*pairs, _last_rule(machine, state, gfn, is_open=bool(pairs))]


def _sole_rule(state: MtrrState, gfn: int) -> HostRule:
    """Return the rule of MTRRs that are off, or of a fixed range."""
    if state.enabled and FIXED_MSRS[fixed_index(gfn) // 8] in state.unknown:
        position = fixed_index(gfn)
        msr = FIXED_MSRS[position // 8]
        note = "below 1 MiB with FE set it decides alone, but its value is not known"
        return HostRule("fixed", (msr,), position % 8, None, True, "fixed range", note)
    (rule,) = deciding_rules(state, gfn)
    if rule.kind == "disabled":
        is_off = rule.type is MemoryType.UC
        note = "E is clear: the MTRRs are off, so all memory is UC" if is_off else rule.note
        return HostRule("enable", rule.msrs, None, rule.type, True, "IA32_MTRR_DEF_TYPE", note)
    note = f"below 1 MiB with FE set it decides alone: {rule.type.name}"
    note += _dram_words(state, rule.msrs[0], rule.index or 0)
    return HostRule("fixed", rule.msrs, rule.index, rule.type, True, "fixed range", note)


def _dram_words(state: MtrrState, msr: int, byte: int) -> str:
    """Return where AMD's RdMem and WrMem send the accesses, "" where the register shows none.

    They read as 0 unless SYSCFG makes them visible, so that 0 in all bytes says nothing.
    """
    value = state.read(msr)
    if not state.has_dram_bits or not value & DRAM_BITS:
        return ""
    bits = value >> 8 * byte
    reads = "RAM" if bits & READ_DRAM_BIT else "the bus"
    writes = "RAM" if bits & WRITE_DRAM_BIT else "the bus"
    if reads == writes:
        return f"; by RdMem and WrMem reads and writes go to {reads}"
    return f"; by RdMem reads go to {reads}, by WrMem writes to {writes}"


def _pair_rules(state: MtrrState, gfn: int, found: HostType) -> list[HostRule]:
    """Return the pairs that hold the page, the deciding ones first."""
    matches = {
        number: kind
        for number, kind in state.sdm_matches(gfn).items()
        if not {*pair_msrs(number)} & state.unknown
    }
    rules = [_pair_rule(state, number, kind, found, len(matches) == 1)
             for number, kind in matches.items()]  # fmt: skip
    return sorted(rules, key=lambda rule: not rule.decides)


def _pair_rule(
    state: MtrrState, number: int, kind: MemoryType, found: HostType, is_alone: bool
) -> HostRule:
    wins = found in (kind, HostType.UNDEFINED)
    if found is HostType.UNDEFINED:
        note = f"{kind.name}, and the SDM does not define this combination"
    elif found is HostType.UNKNOWN:
        note = f"holds this page: {kind.name}, unless a pair of unknown value does too"
    elif wins:
        note = f"holds this page: {kind.name}" + ("" if is_alone else f", {_WINS[kind]}")
    else:
        note = f"holds this page: {kind.name}, but {found.name} wins over {kind.name}"
    base, mask = (state.read(msr) for msr in pair_msrs(number))
    name = f"pair {number} ({_covers(base, mask, state.maxphyaddr)})"
    return HostRule("variable", pair_msrs(number), number, kind, wins, name, note)


_WINS = {
    MemoryType.UC: "and UC wins over all",
    MemoryType.WT: "and WT wins over WB",
    MemoryType.WC: "as do all others here",
    MemoryType.WP: "as do all others here",
    MemoryType.WB: "as do all others here",
}


def _covers(base: int, mask: int, maxphyaddr: int) -> str:
    """Return what a processor makes of a pair: base AND mask."""
    return describe_pair(base & mask & ~0xFFF | base & 0xFF, mask, maxphyaddr)


def _open_rules(state: MtrrState, found: HostType) -> list[HostRule]:
    """Return the pairs that may hold the page, as their values are not known."""
    if found is not HostType.UNKNOWN:
        return []
    note = "its value is not known: it may hold this page"
    return [
        HostRule("variable", pair_msrs(number), number, None, True, f"pair {number}", note)
        for number in range(state.pairs)
        if _is_open(state, number)
    ]


def _is_open(state: MtrrState, number: int) -> bool:
    base, mask = pair_msrs(number)
    return mask in state.unknown or (base in state.unknown and bool(state.read(mask) & VALID_BIT))


def _last_rule(machine: VmView, state: MtrrState, gfn: int, *, is_open: bool) -> HostRule:
    """Return what counts where no pair holds the page: TOM2 or the default type."""
    start = "else" if is_open else "no pair holds this page:"
    if 1 << 32 <= gfn << PAGE_SHIFT < machine.tom2_end:
        end = format_gpa(machine.tom2_end)
        note = f"{start} WB, since it is below TOM2 ({end}) with ForceWB"
        return HostRule("tom2", (), None, MemoryType.WB, not is_open, "TOM2", note)
    kind = state.default_type
    note = f"{start} {kind.name}"
    return HostRule("default", (DEFTYPE,), None, kind, not is_open, "default type", note)
