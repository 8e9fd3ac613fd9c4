"""The contexts a block may be in, numbered, so that the best for all of them is one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.solve.precedence import UNCOVERED, PrecedenceContext, inside
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mtrrviz.analysis.solve.blocks import Block
    from mtrrviz.analysis.solve.target import Target

KINDS = tuple(reversed(MEMORY_TYPES))
"""All types, the one that caches least first."""

NEVER = 1 << 61
"""Cost of what cannot be done: far above any real one, and two of them still fit 64 bits."""


class Cases:
    """First one case for each default type (no range covers the block), then two for each type.

    ``contexts`` and ``shown`` (the type of pages that nothing more is laid over) have one row a
    case. ``upper`` is the case of the upper half of a block in a case (the lower half's is the
    block's own). ``over`` are (case, case that a range over the block turns it into). ``kinds`` are
    the types other than UC that ranges may have: those that are wanted.
    """

    def __init__(
        self, defaults: Sequence[MemoryType], wanted: Collection[MemoryType], target: Target
    ) -> None:
        self._wb_gfns, self._is_host = target.wb_gfns, target.is_host
        self.kinds = [kind for kind in KINDS if kind in wanted and kind is not MemoryType.UC]
        covered = [PrecedenceContext(kind, flag) for kind in self.kinds for flag in (True, False)]
        self.contexts = [*([UNCOVERED] * len(defaults)), *covered]
        self.shown = [*defaults, *(kind for kind in self.kinds for _ in (True, False))]
        self._defaults = {kind: row for row, kind in enumerate(defaults)}
        self._rows = {around: row + len(defaults) for row, around in enumerate(covered)}
        pairs = zip(self.contexts, self.shown, strict=True)
        self.upper = [self.row(self.halves(around)[1], kind) for around, kind in pairs]
        self.over = [
            (row, self._rows[inside(kind)])
            for row, around in enumerate(self.contexts)
            for kind in self.kinds
            if around.may_hold(kind)
        ]

    def halves(self, around: PrecedenceContext) -> tuple[PrecedenceContext, PrecedenceContext]:
        """Return the contexts of the halves of a block; a real machine knows no order of ranges."""
        return (around, around) if self._is_host else around.halves

    def default_in(self, block: Block, default: MemoryType) -> MemoryType | None:
        """Return the type that a block has where no range covers it; None if it has two."""
        start, end = block.start, block.start + block.pages
        inside = max(0, min(end, self._wb_gfns.stop) - max(start, self._wb_gfns.start))
        if not inside or default is MemoryType.WB:
            return default
        return MemoryType.WB if inside == block.pages else None

    def shown_in(self, block: Block) -> list[MemoryType | None]:
        """Return ``shown`` for a block: None where no range covers it and it has two defaults."""
        count = len(self._defaults)
        return [*(self.default_in(block, one) for one in self._defaults), *self.shown[count:]]

    def row(self, around: PrecedenceContext, default: MemoryType) -> int:
        """Return the number of a case."""
        return self._defaults[default] if around.type is None else self._rows[around]

    def cost_of(self, row: int, kind: MemoryType) -> int:
        """Return how many ranges make a whole block ``kind``; nothing else is wanted of it."""
        if kind is not MemoryType.UC and kind not in self.kinds:
            return NEVER
        cost = self.contexts[row].cost_of(kind)
        return NEVER if cost is None else cost
