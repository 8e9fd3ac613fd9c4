"""Why a page has its type: the rules KVM's walk met, and the answer the SDM would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.layout import FIXED_LIMIT_GFN, combine, fixed_index
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, PHYSBASE0, VALID_BIT, WORD, pair_msrs
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE
from mtrrviz.core.variable_ranges import reserved_bits

if TYPE_CHECKING:
    from mtrrviz.core.mtrr_reading import MtrrReading


class MtrrRule(Record):
    """One rule that KVM looked at for a page.

    ``kind`` is "disabled", "fixed", "variable" or "default"; ``msrs`` are the registers it comes
    from; ``index`` is the pair's number or the byte within a fixed register, else None. ``type`` is
    what this rule says, ``result`` the type after it, and ``ends_walk`` whether KVM stopped there
    although more rules might match. ``note`` says the same in plain words.
    """

    kind: str
    msrs: tuple[int, ...]
    index: int | None
    type: MemoryType
    result: MemoryType
    ends_walk: bool
    note: str


def deciding_rules(state: MtrrReading, gfn: int) -> list[MtrrRule]:
    """Return the rules in the order KVM meets them; the last one's result is the page's type."""
    if not state.enabled:
        return [_disabled_rule(state)]
    if state.fixed_enabled and gfn < FIXED_LIMIT_GFN:
        return [_fixed_rule(state, gfn)]
    return _variable_rules(state, gfn) or [_default_rule(state)]


def _disabled_rule(state: MtrrReading) -> MtrrRule:
    kind = state.disabled_type
    why = "all memory is UC" if state.has_mtrr else "CPUID offers no MTRRs, so all memory is WB"
    return MtrrRule("disabled", (DEFTYPE,), None, kind, kind, True, f"E is clear: {why}")


def _fixed_rule(state: MtrrReading, gfn: int) -> MtrrRule:
    position = fixed_index(gfn)
    kind = MemoryType(state.fixed_types()[position])
    msr, byte = FIXED_MSRS[position // 8], position % 8
    note = f"below 1 MiB with FE set: byte {byte} decides, variable ranges are not looked at"
    return MtrrRule("fixed", (msr,), byte, kind, kind, True, note)


def _default_rule(state: MtrrReading) -> MtrrRule:
    kind = state.default_type
    return MtrrRule("default", (DEFTYPE,), None, kind, kind, True, "no range matches: default type")


def _variable_rules(state: MtrrReading, gfn: int) -> list[MtrrRule]:
    """Follow the walk over the valid ranges that hold the page."""
    rules: list[MtrrRule] = []
    ranges = state.variable_ranges()
    for index in state.walk_order():
        span = ranges[index]
        if not span.start_gfn <= gfn < span.end_gfn:
            continue
        seen = rules[-1].result if rules else span.type
        result, ends = combine(seen, span.type)
        msrs = pair_msrs(index)
        note = _variable_note(seen, span.type, bool(rules))
        rules.append(MtrrRule("variable", msrs, index, span.type, MemoryType(result), ends, note))
        if ends:
            break
    return rules


def _variable_note(seen: MemoryType, found: MemoryType, is_later: bool) -> str:
    """Say what KVM's fold does with this range's type."""
    if not is_later:
        return f"first match (highest base): {found.name}"
    if found == seen:
        return f"also {found.name}: no change"
    if found == MemoryType.UC:
        return f"{seen.name} so far, UC found later: UC at once"
    if {seen, found} == {MemoryType.WT, MemoryType.WB}:
        return "WT and WB overlap: WT"
    return f"{seen.name} so far, then {found.name}: an undefined overlap, for which KVM returns WB"


def sdm_type(state: MtrrReading, gfn: int) -> MemoryType | None:
    """Return the type by SDM vol. 3A 12.11.4.1: order does not matter, UC wins, masks have holes.

    None where the SDM leaves the overlap undefined.
    """
    if not state.enabled:
        return state.disabled_type
    if state.fixed_enabled and gfn < FIXED_LIMIT_GFN:
        return _fixed_rule(state, gfn).type
    found = set(sdm_matches(state, gfn).values())
    if not found:
        return state.default_type
    if MemoryType.UC in found:
        return MemoryType.UC
    if found == {MemoryType.WT, MemoryType.WB}:
        return MemoryType.WT
    return found.pop() if len(found) == 1 else None


def sdm_matches(state: MtrrReading, gfn: int) -> dict[int, MemoryType]:
    """Return the pairs that hold a page by the SDM, by number, with their types."""
    matches = ((index, _sdm_match(state, index, gfn)) for index in range(state.pairs))
    return {index: kind for index, kind in matches if kind is not None}


def _sdm_match(state: MtrrReading, index: int, gfn: int) -> MemoryType | None:
    """Return a pair's type if it is valid and base and page agree under the mask."""
    base = state.read(PHYSBASE0 + 2 * index)
    mask = state.read(PHYSBASE0 + 2 * index + 1)
    compare = (mask | reserved_bits(state.maxphyaddr)) & WORD & ~(PAGE_SIZE - 1)
    if not mask & VALID_BIT or (base ^ gfn << PAGE_SHIFT) & compare:
        return None
    return MemoryType(base & 0xFF)
