"""A wanted map as a tree of aligned power-of-two blocks: what one variable MTRR can cover.

Aligned blocks are disjoint or one holds the other, so any set of well-formed variable ranges is a
set of nodes of this tree. It is cut only as deep as types differ.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.solve.wanted import WantedMap
    from mtrrviz.core.memtype import MemoryType

Cover = tuple[int, int, "MemoryType"]
"""One variable range: first gfn, pages (a power of two that divides it), type."""


@dataclass(eq=False, slots=True)
class Block:
    """Pages [start, start + pages): how many are wanted of each type, by type value.

    Leaves of the tree have no ``halves``: they want one type at most (the rest of their pages may
    have any), or are as small as ranges may be. All others have two, the lower first.
    """

    start: int
    pages: int
    wanted: dict[MemoryType, int]
    halves: tuple[Block, ...] = ()

    @property
    def only(self) -> MemoryType | None:
        """Return the one type wanted here; None if there are several or none."""
        return next(iter(self.wanted)) if len(self.wanted) == 1 else None


def block_tree(wanted: WantedMap, smallest: int = 1, wb_gfns: range = range(0)) -> Block:
    """Return the root, the block of the whole space; no block has fewer than ``smallest`` pages.

    It is also cut where ``wb_gfns``, which are WB by default, begin and end.
    """
    pieces = _Pieces(wanted, [piece.start for piece in wanted.pieces], wb_gfns, smallest)
    return _build(pieces, range(1 << (wanted.maxphyaddr - PAGE_SHIFT)))


class _Pieces(NamedTuple):
    """A wanted map with the starts of its pieces, and what else the tree is cut by."""

    wanted: WantedMap
    starts: list[int]
    wb_gfns: range
    smallest: int

    def is_cut(self, pages: range) -> bool:
        """Return whether one end of the pages that are WB by default lies within ``pages``."""
        ends = (self.wb_gfns.start, self.wb_gfns.stop) if self.wb_gfns else ()
        return any(pages.start < end < pages.stop for end in ends)


def _build(pieces: _Pieces, pages: range) -> Block:
    counts: dict[MemoryType, int] = {}
    for kind, count in _pieces_within(pieces, pages.start, pages.stop):
        counts[kind] = counts.get(kind, 0) + count
    is_one = len(counts) <= 1 and not (counts and pieces.is_cut(pages))
    if is_one or len(pages) <= pieces.smallest:
        return Block(pages.start, len(pages), counts)
    half = len(pages) // 2
    left, right = _build(pieces, pages[:half]), _build(pieces, pages[half:])
    return Block(pages.start, len(pages), counts, (left, right))


def _pieces_within(pieces: _Pieces, start: int, end: int) -> Iterator[tuple[MemoryType, int]]:
    """Yield (type, pages) of the parts of pieces in [start, end) that want a type."""
    for piece in pieces.wanted.pieces[bisect_right(pieces.starts, start) - 1 :]:
        if piece.start >= end:
            return
        if piece.type is not None:
            yield piece.type, min(end, piece.end) - max(start, piece.start)
