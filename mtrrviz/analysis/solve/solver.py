"""From a wanted map to registers: the fewest pairs, or the nearest map where there are too few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.analysis.solve.blocks import block_tree
from mtrrviz.analysis.solve.cases import NEVER
from mtrrviz.analysis.solve.fewest import Fewest
from mtrrviz.analysis.solve.nearest import Nearest
from mtrrviz.analysis.solve.solution import Solution
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.registers import VARIABLE_PAIRS
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE

if TYPE_CHECKING:
    from mtrrviz.analysis.solve.wanted import WantedMap

_DEFAULTS = (MemoryType.UC, MemoryType.WB, MemoryType.WT, MemoryType.WP, MemoryType.WC)
"""Default types in the order of preference where several need equally few pairs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a solution may use.

    ``pairs`` is how many of the eight pairs are free, ``default`` the default type (None: the one
    that saves most pairs), ``use_fixed`` whether fixed ranges take over the first MiB, and
    ``smallest_bytes`` the least size of a range, to which all are aligned then.
    """

    pairs: int = VARIABLE_PAIRS
    default: MemoryType | None = None
    use_fixed: bool = True
    smallest_bytes: int = PAGE_SIZE

    def __post_init__(self) -> None:
        """Raise ValueError for a number of pairs or a size that there is not."""
        if not 0 <= self.pairs <= VARIABLE_PAIRS:
            raise ValueError(f"pairs must be 0 to {VARIABLE_PAIRS}, not {self.pairs}")
        size = self.smallest_bytes
        if size < PAGE_SIZE or size & (size - 1):
            raise ValueError(f"the smallest range must be a power of two from 4 KiB on, not {size}")

    @property
    def defaults(self) -> tuple[MemoryType, ...]:
        """The default types to try, the preferred one first."""
        return _DEFAULTS if self.default is None else (self.default,)


ALL_PAIRS = Limits()
"""All eight pairs, any default type, fixed ranges on."""


def solve(wanted: WantedMap, limits: Limits = ALL_PAIRS) -> Solution:
    """Return the fewest pairs that give a map, or the nearest map that the free pairs can give.

    The solution proves itself: see Solution.differences. Overlaps are only used where the SDM
    defines the result and KVM finds the same.
    """
    variable = wanted.above(FIXED_LIMIT_GFN) if limits.use_fixed else wanted
    root = block_tree(variable, limits.smallest_bytes >> PAGE_SHIFT)
    fewest = Fewest(root, limits.defaults)
    counts = {kind: fewest.count(kind) for kind in limits.defaults}
    default = min(counts, key=counts.__getitem__)
    needed = counts[default] if counts[default] < NEVER else None
    if counts[default] <= limits.pairs:
        covers = fewest.cover(default)
    else:
        nearest = Nearest(root, limits.pairs, limits.defaults)
        default = min(limits.defaults, key=nearest.harm)
        covers = nearest.cover(default)
    return Solution(wanted, default, _ordered(covers), limits.use_fixed, needed, limits.pairs)


def _ordered(covers: list[tuple[int, int, MemoryType]]) -> tuple[tuple[int, int, MemoryType], ...]:
    """Sort by address, the larger range first where two start together."""
    return tuple(sorted(covers, key=lambda cover: (cover[0], -cover[1], -cover[2])))
