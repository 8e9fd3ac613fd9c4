"""From a wanted map to registers: the fewest pairs, or the nearest map where there are too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.solve.blocks import block_tree
from mtrrviz.analysis.solve.cases import NEVER
from mtrrviz.analysis.solve.fewest import Fewest
from mtrrviz.analysis.solve.nearest import Nearest
from mtrrviz.analysis.solve.solution import Solution
from mtrrviz.analysis.solve.target import GUEST
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import MAX_PAIRS, fixed_subranges
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE

if TYPE_CHECKING:
    from mtrrviz.analysis.solve.blocks import Cover
    from mtrrviz.analysis.solve.target import Target
    from mtrrviz.analysis.solve.wanted import WantedMap

_DEFAULTS = (MemoryType.UC, MemoryType.WB, MemoryType.WT, MemoryType.WP, MemoryType.WC)
"""Default types in the order of preference where several need equally few pairs."""


class Limits(Record):
    """What a solution may use.

    ``pairs`` is how many pairs are free (None: all that the machine has), ``default`` the default
    type (None: the one that saves most pairs), ``use_fixed`` whether fixed ranges take over the
    first MiB, and ``smallest_bytes`` the least size of a range, to which all are aligned then.
    """

    pairs: int | None = None
    default: MemoryType | None = None
    use_fixed: bool = True
    smallest_bytes: int = PAGE_SIZE

    def __post_init__(self) -> None:
        """Raise ValueError for a number of pairs or a size that there is not."""
        if self.pairs is not None and not 0 <= self.pairs <= MAX_PAIRS:
            raise ValueError(f"pairs must be 0 to {MAX_PAIRS}, not {self.pairs}")
        size = self.smallest_bytes
        if size < PAGE_SIZE or size & (size - 1):
            raise ValueError(f"the smallest range must be a power of two from 4 KiB on, not {size}")

    @property
    def defaults(self) -> tuple[MemoryType, ...]:
        """The default types to try, the preferred one first."""
        return _DEFAULTS if self.default is None else (self.default,)

    def pairs_of(self, target: Target) -> int:
        """Return how many pairs of a machine a solution may use."""
        return target.pairs if self.pairs is None else min(self.pairs, target.pairs)


ALL_PAIRS = Limits()
"""All pairs, any default type, fixed ranges on."""


def solve(wanted: WantedMap, limits: Limits = ALL_PAIRS, target: Target = GUEST) -> Solution:
    """Return the fewest pairs that give a map, or the nearest map that the free pairs can give.

    The solution proves itself: see Solution.differences. Overlaps are only used where the SDM
    defines the result and, for a guest, KVM finds the same. Fixed ranges of a real machine that
    nobody told stay as they are, so there any type will do.
    """
    task = _Task(wanted, limits, target)
    fewest = Fewest(task.root, limits.defaults, target)
    counts = {kind: fewest.count(kind) for kind in limits.defaults}
    default = min(counts, key=counts.__getitem__)
    needed = counts[default] if counts[default] < NEVER else None
    if counts[default] <= task.pairs:
        return task.solution(default, fewest.cover(default), needed)
    nearest = Nearest(task.root, task.pairs, limits.defaults, target)
    default = min(limits.defaults, key=nearest.harm)
    return task.solution(default, nearest.cover(default), needed)


def solve_exactly(wanted: WantedMap, limits: Limits, target: Target) -> Solution | None:
    """Return the fewest pairs that give a map exactly, None where those allowed cannot."""
    task = _Task(wanted, limits, target)
    fewest = Fewest(task.root, limits.defaults, target)
    default = min(limits.defaults, key=fewest.count)
    needed = fewest.count(default)
    if needed > task.pairs:
        return None
    solution = task.solution(default, fewest.cover(default), needed)
    return solution if solution.is_exact else None


class _Task:
    """A map to be solved within limits: the tree of its blocks, and the pairs that are free."""

    def __init__(self, wanted: WantedMap, limits: Limits, target: Target) -> None:
        self._uses_fixed = limits.use_fixed and target.may_use_fixed
        self._wanted = wanted.forgetting(_untold_spans(target)) if self._uses_fixed else wanted
        self._target = target
        self.pairs = limits.pairs_of(target)
        variable = self._wanted.above(FIXED_LIMIT_GFN) if self._uses_fixed else self._wanted
        self.root = block_tree(variable, limits.smallest_bytes >> PAGE_SHIFT, target.wb_gfns)

    def solution(self, default: MemoryType, covers: list[Cover], needed: int | None) -> Solution:
        """Return the solution that some ranges are."""
        ordered = _ordered(covers)
        return Solution(
            self._wanted, default, ordered, self._uses_fixed, needed, self.pairs, self._target
        )


def _untold_spans(target: Target) -> list[tuple[int, int]]:
    """Return the gfns [first, end) of the fixed registers that nobody told."""
    spans: list[tuple[int, int]] = []
    for msr in sorted(target.untold_fixed):
        parts = fixed_subranges(msr)
        start, end = parts[0][0], parts[-1][0] + parts[-1][1]
        spans.append((start >> PAGE_SHIFT, end >> PAGE_SHIFT))
    return spans


def _ordered(covers: list[tuple[int, int, MemoryType]]) -> tuple[tuple[int, int, MemoryType], ...]:
    """Sort by address, the larger range first where two start together."""
    return tuple(sorted(covers, key=lambda cover: (cover[0], -cover[1], -cover[2])))
