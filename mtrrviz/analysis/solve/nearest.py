"""The best map that a limited number of ranges can give, for when the wanted one takes more.

Best means least harm: pages cached more than wanted (a device that would be cached does not work)
weigh far more than pages cached less (memory that is merely slow).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.solve.cases import KINDS, NEVER, Cases
from mtrrviz.analysis.solve.fewest import whole_block
from mtrrviz.analysis.solve.precedence import UNCOVERED, PrecedenceContext, inside
from mtrrviz.analysis.solve.target import GUEST
from mtrrviz.core.memtype import MemoryType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mtrrviz.analysis.solve.blocks import Block, Cover
    from mtrrviz.analysis.solve.target import Target

_LARGEST = 1 << 60
"""Most harm that a whole space can add up to."""


class Nearest:
    """Finds the least harmful covers of one block tree with at most ``limit`` ranges."""

    def __init__(
        self, root: Block, limit: int, defaults: Sequence[MemoryType], target: Target = GUEST
    ) -> None:
        self._root = root
        self._limit = limit
        self._cases = cases = Cases(defaults, root.wanted, target)
        self._never_unsafe = target.is_host
        self._upper = np.array(cases.upper)
        rows = range(len(cases.shown))
        costs = [[[cases.cost_of(row, kind)] for kind in KINDS] for row in rows]
        self._barred = np.where(np.arange(limit + 1) >= np.array(costs), 0, NEVER)
        unsafe = max(1, min(1 << 20, _LARGEST // root.pages))
        # Row: the type there is, column: the type wanted.
        self._weights = np.triu(np.ones((5, 5), np.int64), 1) + np.tril(
            np.full((5, 5), unsafe, np.int64), -1
        )
        # Row k names the ways to share k ranges out; a way that would need more is barred.
        mine, total = np.meshgrid(np.arange(limit + 1), np.arange(limit + 1))
        self._rest = np.maximum(total - mine, 0)
        self._short = np.where(mine > total, NEVER, 0)
        columns = enumerate(KINDS)
        self._columns = {kind: at for at, kind in columns}
        self._known: dict[int, NDArray[np.int64]] = {}
        self._fill(root)

    def harm(self, default: MemoryType) -> int:
        """Return the least harm with this default type."""
        return self._least(self._root, UNCOVERED, default, self._limit)

    def cover(self, default: MemoryType) -> list[Cover]:
        """Return ranges that do no more harm than that."""
        found: list[Cover] = []
        self._choose(self._root, UNCOVERED, default, self._limit, found)
        return found

    def _fill(self, block: Block) -> NDArray[np.int64]:
        """Work out the least harm within a block by (case, number of ranges spent on it)."""
        if not block.halves:
            best = self._leaf(block)
        else:
            best = self._at_once(block, self._whole(block))
            lower, upper = (self._fill(half) for half in block.halves)
            split = self._shared_out(lower, upper[self._upper]).min(axis=2)
            np.minimum(best, split, out=best)
            for row, covered in self._cases.over:
                np.minimum(best[row, 1:], split[covered, :-1], out=best[row, 1:])
        self._known[id(block)] = best
        return best

    def _leaf(self, block: Block) -> NDArray[np.int64]:
        """Return the least harm within a block that is of one type throughout."""
        if not block.wanted:
            return np.zeros((len(self._cases.shown), self._limit + 1), np.int64)
        return self._at_once(block, self._whole(block))

    def _at_once(self, block: Block, harms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the harm of the best one type for a whole block; ``harms`` is by that type."""
        shown = [NEVER if kind is None else harms[self._columns[kind]]
                 for kind in self._cases.shown_in(block)]  # fmt: skip
        as_it_is = np.array(shown, np.int64)[:, None]
        return np.minimum(as_it_is, (harms[:, None] + self._barred).min(axis=1))

    def _whole(self, block: Block) -> NDArray[np.int64]:
        """Return the harm of a block that is of one type throughout, by that type.

        On a real machine no page is cached more than wanted: a wrong type there is not a guest's.
        """
        pages = np.array([block.wanted.get(kind, 0) for kind in KINDS], np.int64)
        harms = self._weights @ pages
        if self._never_unsafe:
            harms[np.tril(np.ones((5, 5), np.int64), -1) @ np.minimum(pages, 1) > 0] = NEVER
        return harms

    def _shared_out(self, lower: NDArray[np.int64], upper: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return harm by (case, ranges in all, ranges in the lower half)."""
        return np.minimum(lower[:, None, :] + upper[:, self._rest] + self._short, NEVER)

    def _least(
        self, block: Block, around: PrecedenceContext, default: MemoryType, limit: int
    ) -> int:
        return int(self._known[id(block)][self._cases.row(around, default), limit])

    def _choose(
        self,
        block: Block,
        around: PrecedenceContext,
        default: MemoryType,
        limit: int,
        found: list[Cover],
    ) -> None:
        """Append ranges, at most ``limit``, that do the least harm."""
        harm = self._least(block, around, default, limit)
        whole = dict(zip(KINDS, self._whole(block).tolist(), strict=True))
        there = self._cases.default_in(block, default) if around.type is None else around.type
        if harm >= NEVER or (there is not None and harm == whole[there]):
            return
        for kind in (*self._cases.kinds, MemoryType.UC):
            cost = around.cost_of(kind)
            if cost is not None and cost <= limit and harm == whole[kind]:
                found += whole_block(block, around, kind)
                return
        if harm != min(self._shares(block, around, default, limit)):
            around, limit = self._laid_over(block, around, default, limit), limit - 1
            if around.type is not None:
                found.append((block.start, block.pages, around.type))
        shares = self._shares(block, around, default, limit)
        spent = shares.index(min(shares))
        for half, inner, share in zip(
            block.halves, self._cases.halves(around), (spent, limit - spent), strict=True
        ):
            self._choose(half, inner, default, share, found)

    def _laid_over(
        self, block: Block, around: PrecedenceContext, default: MemoryType, limit: int
    ) -> PrecedenceContext:
        """Return what the best range over the block makes of it; one of the limit is spent."""
        options = [inside(kind) for kind in self._cases.kinds if around.may_hold(kind)]
        return min(options, key=lambda one: min(self._shares(block, one, default, limit - 1)))

    def _shares(
        self, block: Block, around: PrecedenceContext, default: MemoryType, limit: int
    ) -> list[int]:
        """Return the harm of the halves by the number of ranges that go to the lower one."""
        halves = zip(block.halves, self._cases.halves(around), strict=True)
        (lower, inner), (upper, outer) = halves
        return [
            self._least(lower, inner, default, mine)
            + self._least(upper, outer, default, limit - mine)
            for mine in range(limit + 1)
        ]
