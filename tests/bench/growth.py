"""How the cost of the same work grows with the number of things."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.bench.measure import Result


def growth_lines(results: Iterable[Result]) -> Iterator[str]:
    """Return a line for each work that was measured at several sizes.

    Between two sizes stands the power of the size by which the time grows: 0 where it stays as it
    is, 1 where it grows as the size does.
    """
    works: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.case.work:
            works[result.case.work].append(result)
    for work, found in works.items():
        if len(found) > 1:
            yield f"{work:<44} {_grown(sorted(found, key=lambda result: result.case.size))}"


def _grown(found: list[Result]) -> str:
    words = [_words(found[0])]
    for before, after in pairwise(found):
        tenfold = math.log(after.case.size / before.case.size)
        power = math.log(max(after.subject, 1e-9) / max(before.subject, 1e-9)) / tenfold
        words.append(f"-({power:+.2f})-> {_words(after)}")
    return " ".join(words)


def _words(result: Result) -> str:
    return f"{result.case.size:.0e}: {result.subject * 1e3:.2f} ms"
