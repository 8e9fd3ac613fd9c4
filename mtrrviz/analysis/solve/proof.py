"""Looking a register set up page by page, in KVM's reading and the SDM's, against a wanted map."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.core.layout import FIXED_STARTS
from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from mtrrviz.analysis.solve.wanted import WantedMap
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.mtrr import MtrrState


@dataclass(frozen=True, slots=True)
class Difference:
    """Gfns [start, end) that get another type than wanted; ``sdm`` is None where undefined."""

    start: int
    end: int
    wanted: MemoryType
    kvm: MemoryType
    sdm: MemoryType | None


def differences(state: MtrrState, wanted: WantedMap) -> tuple[Difference, ...]:
    """Return where a register set does not give the map, in either reading; () is the proof.

    Between two borders of map, fixed and variable ranges no answer can change, as long as bases are
    aligned and masks have no holes; so one page stands for all between.
    """
    found: list[Difference] = []
    pieces = iter(wanted.pieces)
    piece = next(pieces)
    for start, end in pairwise(_borders(state, wanted)):
        while start >= piece.end:
            piece = next(pieces)
        if piece.type is None:
            continue
        kvm, sdm = state.memory_type(start), state.sdm_memory_type(start)
        if kvm != piece.type or sdm != piece.type:
            _append(found, Difference(start, end, piece.type, kvm, sdm))
    return tuple(found)


def _borders(state: MtrrState, wanted: WantedMap) -> list[int]:
    end = 1 << (wanted.maxphyaddr - PAGE_SHIFT)
    borders = {0, end, *FIXED_STARTS, 0x100}
    borders |= {piece.start for piece in wanted.pieces}
    for span in state.variable_ranges():
        if span.valid:
            borders |= {span.start_gfn, span.end_gfn}
    return sorted(border for border in borders if border <= end)


def _append(found: list[Difference], new: Difference) -> None:
    """Append, joined to the last one if it goes on alike."""
    last = found[-1] if found else None
    if last and last.end == new.start and _types(last) == _types(new):
        new = Difference(found.pop().start, new.end, new.wanted, new.kvm, new.sdm)
    found.append(new)


def _types(one: Difference) -> tuple[MemoryType, MemoryType, MemoryType | None]:
    return one.wanted, one.kvm, one.sdm
