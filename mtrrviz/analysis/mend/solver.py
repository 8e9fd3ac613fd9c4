"""From a wanted map to registers: the fewest pairs, or the nearest map where there are too few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.analysis.mend.blocks import block_tree
from mtrrviz.analysis.mend.fewest import Fewest
from mtrrviz.analysis.mend.nearest import Nearest
from mtrrviz.analysis.mend.solution import Solution
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.registers import VARIABLE_PAIRS

if TYPE_CHECKING:
    from mtrrviz.analysis.mend.wanted import WantedMap

_DEFAULTS = (MemoryType.UC, MemoryType.WB, MemoryType.WT, MemoryType.WP, MemoryType.WC)
"""Default types in the order of preference where several need equally few pairs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a solution may use.

    ``pairs`` is how many of the eight pairs are free, ``default`` the default type (None: the one
    that saves most pairs) and ``use_fixed`` whether fixed ranges take over the first MiB.
    """

    pairs: int = VARIABLE_PAIRS
    default: MemoryType | None = None
    use_fixed: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError for a number of pairs that KVM does not have."""
        if not 0 <= self.pairs <= VARIABLE_PAIRS:
            raise ValueError(f"pairs must be 0 to {VARIABLE_PAIRS}, not {self.pairs}")

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
    uses_fixed, pairs = limits.use_fixed, limits.pairs
    variable = wanted.above(FIXED_LIMIT_GFN) if uses_fixed else wanted
    root = block_tree(variable)
    fewest = Fewest(root, limits.defaults)
    needed = {kind: fewest.count(kind) for kind in limits.defaults}
    default = min(needed, key=needed.__getitem__)
    if needed[default] <= limits.pairs:
        covers = fewest.cover(default)
        return Solution(wanted, default, _ordered(covers), uses_fixed, needed[default], pairs)
    nearest = Nearest(root, pairs, limits.defaults)
    best = min(limits.defaults, key=nearest.harm)
    return Solution(wanted, best, _ordered(nearest.cover(best)), uses_fixed, needed[default], pairs)


def _ordered(covers: list[tuple[int, int, MemoryType]]) -> tuple[tuple[int, int, MemoryType], ...]:
    """Sort by address, the larger range first where two start together."""
    return tuple(sorted(covers, key=lambda cover: (cover[0], -cover[1], -cover[2])))
