"""The part of an explanation that is the SDM's: its answer beside KVM's, or its lookup in force.

SDM vol. 3A 12.11.4.1: all matching variable ranges count, in no order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.explanation import Step
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.describe import describe_pair
from mtrrviz.core.msr.registers import PHYSBASE0, PHYSMASK0, VALID_BIT, pair_msrs

if TYPE_CHECKING:
    from mtrrviz.core.decide import MtrrRule
    from mtrrviz.core.mtrr import MtrrState


def pair_words(state: MtrrState, index: int) -> str:
    """Return what a pair covers, in words, by its registers."""
    base, mask = map(state.read, pair_msrs(index))
    return f"variable range {index}, {describe_pair(base, mask, state.maxphyaddr)}"


def sdm_steps(state: MtrrState, gfn: int, kvm: MemoryType) -> list[Step]:
    """Return the steps of the SDM's lookup: every valid pair, then the type and why.

    ``kvm`` is KVM's type, kept where the SDM gives none.
    """
    matches = state.sdm_matches(gfn)
    valid = [i for i in range(state.pairs) if state.read(PHYSMASK0 + 2 * i) & VALID_BIT]
    steps = [_pair_step(state, index, matches.get(index)) for index in valid]
    found = [kind for kind in MemoryType if kind in matches.values()]
    text = f"lookup by the SDM: {_found_words(found, state.default_type)}"
    sdm = state.sdm_memory_type(gfn)
    if sdm is None:
        text += f", so KVM's {kvm.name} is kept"
    elif sdm != kvm:
        text += f"; KVM's own walk gives {kvm.name}"
    return [*steps, Step("sdm", text, decides=True)]


def _pair_step(state: MtrrState, index: int, match: MemoryType | None) -> Step:
    """Say whether a pair holds the page; ``match`` is its type then."""
    note = "does not hold this page" if match is None else f"holds this page: {match.name}"
    field = "" if match is None else "Type"
    return Step(
        "variable", f"{pair_words(state, index)}: {note}", msr=PHYSBASE0 + 2 * index, field=field
    )


def _found_words(found: list[MemoryType], default: MemoryType) -> str:
    """Say what the SDM makes of the types that match."""
    if not found:
        return f"no range matches: default type {default.name}"
    names = " and ".join(kind.name for kind in found)
    if len(found) == 1:
        return names
    if MemoryType.UC in found:
        return f"{names} overlap, UC whatever the order"
    if set(found) == {MemoryType.WT, MemoryType.WB}:
        return f"{names} overlap: WT"
    return f"{names} overlap, which the SDM leaves undefined"


def beside_kvm(state: MtrrState, gfn: int, rules: list[MtrrRule]) -> list[Step]:
    """Return a step where the SDM does not give what KVM's walk gave by ``rules``."""
    sdm, kvm = state.sdm_memory_type(gfn), rules[-1].result
    if sdm == kvm:
        return []
    theirs = "leaves this overlap undefined" if sdm is None else f"would give {sdm.name}"
    reasons = "".join(f"; {words}" for words in _reasons(state, gfn, rules))
    return [Step("sdm", f"the SDM {theirs}; KVM gives {kvm.name}{reasons}")]


def _reasons(state: MtrrState, gfn: int, rules: list[MtrrRule]) -> list[str]:
    """Say which ranges hold the page by one reading only, or that the order made the difference."""
    theirs = set(state.sdm_matches(gfn))
    spans = state.variable_ranges()
    ours = {i for i in state.walk_order() if spans[i].start_gfn <= gfn < spans[i].end_gfn}
    words = [
        f"the mask of range {index} has a hole here, which KVM fills"
        for index in sorted(ours - theirs)
    ]
    words += [
        f"range {index} begins at a base that its mask rounds down, which KVM does not do"
        for index in sorted(theirs - ours)
    ]
    is_order = not words and any(rule.type == MemoryType.UC for rule in rules)
    return [*words, *(["by the SDM UC wins in any order"] if is_order else [])]
