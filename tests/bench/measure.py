"""Timing of two callables in turns, as CPU time, so that load by others counts little."""

from __future__ import annotations

import resource
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.registry import Case, Pair

LEAST_SAMPLES = 15
#: A case that takes longer than this is content with fewer samples, but not with less than these.
_MOST_S, _FEWEST_SAMPLES = 15.0, 7


class Effort(NamedTuple):
    """How much time a measurement may take."""

    samples: int = 31
    sample_s: float = 0.02  # a callable quicker than this is called several times per sample


SHORT = Effort(samples=LEAST_SAMPLES, sample_s=0.01)


class Result(NamedTuple):
    """What one case took, medians per call in seconds or an amount in its unit."""

    case: Case
    subject: float
    reference: float

    @property
    def ratio(self) -> float:
        """Return how many times what the reference took the subject took."""
        return self.subject / max(self.reference, 1e-9)

    @property
    def is_good(self) -> bool:
        """Say whether the goal is met."""
        return self.ratio <= self.case.limit


def cpu_time_s() -> float:
    """Return the CPU time of this process and of the children it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def calls_per_sample(work: Callable[[], object], sample_s: float) -> int:
    """Return how many calls fill a sample; the call that finds out also warms the caches."""
    work()
    start = cpu_time_s()
    work()
    return max(1, round(sample_s / max(cpu_time_s() - start, 1e-6)))


def time_calls(work: Callable[[], object], calls: int) -> float:
    """Return the CPU time of one call, averaged over some."""
    start = cpu_time_s()
    for _ in range(calls):
        work()
    return (cpu_time_s() - start) / calls


def measure(case: Case, effort: Effort) -> Result:
    """Time subject and reference in turns and compare their medians.

    A case past its limit is measured once more: on a shared machine one bad spell is no finding,
    two are.
    """
    pair = case.prepare()
    if case.unit != "ms":
        return Result(case, pair.subject(), pair.reference())
    first = compare(case, pair, effort)
    if first.is_good:
        return first
    return min(first, compare(case, pair, effort), key=lambda result: result.ratio)


def compare(case: Case, pair: Pair, effort: Effort) -> Result:
    """Take the samples of both callables in turns."""
    calls = [calls_per_sample(work, effort.sample_s) for work in pair]
    first = tuple(map(time_calls, pair, calls))
    more = min(effort.samples, max(_FEWEST_SAMPLES, round(_MOST_S / max(sum(first), 1e-6)))) - 1
    samples = [first, *(tuple(map(time_calls, pair, calls)) for _ in range(more))]
    subject, reference = (median(column) for column in zip(*samples, strict=True))
    return Result(case, subject, reference)
