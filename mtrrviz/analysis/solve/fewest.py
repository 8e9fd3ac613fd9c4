"""The fewest variable ranges that give a wanted map: dynamic programming over the block tree.

Every set of ranges that overlap only in ways the SDM defines, and for a guest KVM agrees on, is a
choice, block by block, of what is laid over it. What the choices above mean for a block fits in a
Context, so the best for each (block, context) is worked out once, from the leaves up, and the
result is a true minimum.
"""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

from mtrrviz.analysis.solve.cases import NEVER, Cases
from mtrrviz.analysis.solve.precedence import UNCOVERED, PrecedenceContext, inside
from mtrrviz.analysis.solve.target import GUEST
from mtrrviz.core.memtype import MemoryType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.solve.blocks import Block, Cover
    from mtrrviz.analysis.solve.target import Target


class Fewest:
    """Finds the smallest covers of one block tree, for each of some default types."""

    def __init__(self, root: Block, defaults: Sequence[MemoryType], target: Target = GUEST) -> None:
        self._root = root
        self._cases = Cases(defaults, root.wanted, target)
        self._leaves: dict[tuple[MemoryType, tuple[MemoryType | None, ...]], list[int]] = {}
        self._free = [0] * len(self._cases.shown)
        self._barred = [NEVER] * len(self._cases.shown)
        self._known: dict[int, list[int]] = {}
        self._fill(root)

    def count(self, default: MemoryType) -> int:
        """Return how many ranges the map takes with this default type; NEVER if none give it."""
        return self._cost(self._root, UNCOVERED, default)

    def cover(self, default: MemoryType) -> list[Cover]:
        """Return such ranges."""
        found: list[Cover] = []
        self._choose(self._root, UNCOVERED, default, found)
        return found

    def _fill(self, block: Block) -> list[int]:
        """Work out the fewest ranges to lay over a block, by case."""
        if not block.halves:
            costs = self._whole(block)
        else:
            lower, upper = (self._fill(half) for half in block.halves)
            split = list(map(add, lower, map(upper.__getitem__, self._cases.upper)))
            costs = split.copy()
            for row, covered in self._cases.over:
                costs[row] = min(costs[row], split[covered] + 1)
            costs = [min(cost, NEVER) for cost in costs]
        self._known[id(block)] = costs
        return costs

    def _whole(self, block: Block) -> list[int]:
        """Return the cost by case of a leaf, where several types cannot be told apart."""
        if block.only is not None:
            return self._leaf_costs(block.only, tuple(self._cases.shown_in(block)))
        return self._barred if block.wanted else self._free

    def _leaf_costs(self, kind: MemoryType, shown: tuple[MemoryType | None, ...]) -> list[int]:
        """Return the cost by case of a block that wants one type only, shared by all alike."""
        if (kind, shown) not in self._leaves:
            rows = enumerate(shown)
            costs = [0 if there is kind else self._cases.cost_of(row, kind) for row, there in rows]
            self._leaves[kind, shown] = costs
        return self._leaves[kind, shown]

    def _cost(self, block: Block, around: PrecedenceContext, default: MemoryType) -> int:
        return self._known[id(block)][self._cases.row(around, default)]

    def _split(self, block: Block, around: PrecedenceContext, default: MemoryType) -> int:
        """Return the cost of both halves on their own."""
        halves = zip(block.halves, self._cases.halves(around), strict=True)
        return sum(self._cost(half, inner, default) for half, inner in halves)

    def _choose(
        self, block: Block, around: PrecedenceContext, default: MemoryType, found: list[Cover]
    ) -> None:
        """Append the ranges of a cheapest choice; disjoint ones where that costs no more."""
        cost = self._cost(block, around, default)
        if cost == 0:
            return
        if not block.halves:
            found += [cover for kind in block.wanted for cover in whole_block(block, around, kind)]
            return
        if cost < self._split(block, around, default):
            options = (inside(kind) for kind in self._cases.kinds if around.may_hold(kind))
            around = min(options, key=lambda one: self._split(block, one, default))
            if around.type is not None:
                found.append((block.start, block.pages, around.type))
        for half, inner in zip(block.halves, self._cases.halves(around), strict=True):
            self._choose(half, inner, default, found)


def whole_block(block: Block, around: PrecedenceContext, kind: MemoryType) -> list[Cover]:
    """Return the ranges that make a whole block ``kind``: one, or UC and its helper."""
    cover: Cover = (block.start, block.pages, kind)
    if around.type is not None and kind is MemoryType.UC and around.uc_cost == 2:
        return [(block.start, block.pages, around.type), cover]
    return [cover]
