"""Looking a register set up page by page against a wanted map, in every reading that counts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.solve.target import GUEST
from mtrrviz.core.layout import FIXED_STARTS
from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType, hardware_layout
from mtrrviz.core.sdm.sdm_types import sdm_types
from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.solve.target import Target
    from mtrrviz.analysis.solve.wanted import Piece, WantedMap
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.core.sdm.sdm_types import SdmTypes


class Difference(Record):
    """Gfns [start, end) that get another type than wanted.

    ``sdm`` is None where undefined, or where a register decides that nobody told; ``kvm`` is None
    on a real machine, where there is no KVM.
    """

    start: int
    end: int
    wanted: MemoryType
    kvm: MemoryType | None
    sdm: MemoryType | None

    @property
    def given(self) -> MemoryType | None:
        """The type that counts, None where none can be given."""
        return self.sdm if self.kvm is None else self.kvm

    @property
    def given_words(self) -> str:
        """The type that counts in words."""
        return "no certain type" if self.given is None else self.given.name

    @property
    def is_unsafe(self) -> bool:
        """Whether the pages are cached more than wanted, or may be."""
        return self.given is None or _CACHING.index(self.given) > _CACHING.index(self.wanted)


_CACHING = tuple(reversed(MEMORY_TYPES))
"""All types, the one that caches least first."""


def differences(
    state: MtrrState, wanted: WantedMap, target: Target = GUEST
) -> tuple[Difference, ...]:
    """Return where a register set does not give the map, in any reading; () is the proof.

    For a guest KVM's and the SDM's, for a real machine the SDM's alone.
    """
    if target.is_host:
        return tuple(_on_hardware(state, wanted, target))
    return _by_both(state, wanted)


def _on_hardware(state: MtrrState, wanted: WantedMap, target: Target) -> Iterator[Difference]:
    """Yield what a real processor makes of the map otherwise."""
    types = sdm_types(hardware_layout(state, target.tom2_end))
    for piece in wanted.pieces:
        if piece.type is None:
            continue
        for start, end, found in _spans(types, piece):
            others = [one for one in HostType if found >> one & 1 and one.memory_type != piece.type]
            if others:
                worst = _worst_first(others)[0].memory_type
                yield Difference(start, end, piece.type, None, worst)


def _spans(types: SdmTypes, piece: Piece) -> list[tuple[int, int, int]]:
    """Return (start, end, set of types) of the stretches of a piece."""
    cuts = types.starts[(types.starts > piece.start) & (types.starts < piece.end)]
    edges = np.array([piece.start, *cuts.tolist(), piece.end], np.uint64)
    sets = types.sets_in(edges[:-1], edges[1:]).tolist()
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), sets, strict=True))


def _worst_first(kinds: list[HostType]) -> list[HostType]:
    """Return types with those that none can be given of first, then the one that caches most."""

    def caching(one: HostType) -> int:
        kind = one.memory_type
        return len(_CACHING) if kind is None else _CACHING.index(kind)

    return sorted(kinds, key=caching, reverse=True)


def _by_both(state: MtrrState, wanted: WantedMap) -> tuple[Difference, ...]:
    """Return where KVM's reading or the SDM's gives something else.

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


def _types(one: Difference) -> tuple[MemoryType, MemoryType | None, MemoryType | None]:
    return one.wanted, one.kvm, one.sdm
