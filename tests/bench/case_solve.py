"""The solver: the fewest variable ranges for a large map."""

from __future__ import annotations

import itertools
import random

from mtrrviz.analysis.solve import WantedMap, WantedRange, solve, wanted_map
from mtrrviz.core.memtype import MEMORY_TYPES
from tests.bench.case_sim import argsort
from tests.bench.registry import Pair, case

RANGES = 64
WIDTH = 46


def odd_map() -> WantedMap:
    """64 ranges of all types with borders on any page of 64 TiB: more than any pairs can give."""
    choice = random.Random(1)
    edges = [0, *sorted(choice.sample(range(1, 1 << (WIDTH - 12)), RANGES))]
    spans = itertools.pairwise(edges)
    ranges = [WantedRange(a << 12, b << 12, choice.choice(MEMORY_TYPES)) for a, b in spans]
    return wanted_map(ranges, WIDTH)


@case(
    "solve and prove a map of 64 ranges",
    reference="stable np.argsort of 1e6, 10 times: about 1 s where this must take less",
    limit=1.0,
    in_short=False,
)
def solve_large() -> Pair:
    wanted = odd_map()
    sort = argsort(1_000_000)

    def sorted_often() -> None:
        for _ in range(10):
            sort()

    return Pair(lambda: solve(wanted).differences, sorted_often)
