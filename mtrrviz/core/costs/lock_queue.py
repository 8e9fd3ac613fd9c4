"""vCPUs that zap within one burst, as a queue at mmu_lock, from one arrival to the next.

Between arrivals and departures the numbers of zappers and of vCPUs in the guest stay, so the closed
form of :mod:`mtrrviz.core.costs.lock_pace` says how fast walks go on, and only those moments need
to be simulated. The lock is fair, hence all zappers go on equally fast.

A vCPU on its way to its own zap needs pages that the zaps of others drop. For ``grace`` it goes on
with what it has; then its faults keep it until no zap is under way, and it arrives with all others
that were kept.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from mtrrviz.core.costs.lock_walk import Walk
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.core.costs.lock_model import LockModel
    from mtrrviz.core.costs.lock_pace import Pace

_NEVER = float("inf")
_NOTHING = Walk(0, 0, 0, stalls_faults=False)


class LockRequest(Record):
    """One zap request of a vCPU: cycles of guest work before it, and what it walks, in order."""

    gap_cycles: float
    walks: tuple[Walk, ...]


Program = Sequence[LockRequest]
"""The requests of one vCPU in a burst, in order; at least one."""


class Rules(Record):
    """How a policy zaps, as far as the lock sees it."""

    shared: bool = False
    serialises: bool = False


_PLAIN_RULES = Rules()


class Burst(Record):
    """The result of a burst: cycles of each program's requests, and from first arrival to end."""

    cycles: tuple[tuple[float, ...], ...]
    span_cycles: float


def lone_cycles(
    model: LockModel, walks: Iterable[Walk], faulters: int, *, shared: bool = False
) -> float:
    """Return the cycles of walks that meet no other request, with ``faulters`` in the guest."""
    return sum(
        model.pace(1, faulters if walk.stalls_faults else 0, shared=shared).cycles(walk.entries)
        for walk in walks
    )


def run_burst(
    model: LockModel, programs: Sequence[Program], vcpus: int, rules: Rules = _PLAIN_RULES
) -> Burst:
    """Simulate programs that start together, in their order one ``stagger`` apart.

    The other ``vcpus``, and those between two requests, run in the guest.
    """
    queue = (
        _OneForAll(model, vcpus, rules) if rules.serialises else _EachItself(model, vcpus, rules)
    )
    return _BurstSimulation(model, programs, queue).run()


class _Queue(Protocol):
    """Who is zapping, and when the next of them gets to the end of something."""

    @property
    def stalls(self) -> bool:
        """Whether faults of vCPUs in the guest fail at present."""
        ...

    def next_end(self) -> float:
        """Return when the next walk ends if nobody else comes, in cycles; infinite if none goes on.

        Only :meth:`finish` changes anything.
        """
        ...

    def enter(self, now: float, who: int, walks: Sequence[Walk]) -> None:
        """Let a vCPU begin a request at ``now``."""
        ...

    def finish(self) -> tuple[float, list[int]]:
        """Let the next walk end; return when, and the vCPUs that are through with their request."""
        ...

    def retire(self) -> None:
        """Note that a vCPU is through with its last request."""
        ...


class _BurstSimulation:
    """Lets vCPUs arrive at the queue and leave it, in order of time."""

    def __init__(self, model: LockModel, programs: Sequence[Program], queue: _Queue) -> None:
        self._programs = programs
        self._queue = queue
        self._grace = model.grace.value * model.stagger.value
        self._kept_from = _NEVER
        self._kept: list[int] = []
        stagger = model.stagger.value
        self._arrivals = [
            (rank * stagger + program[0].gap_cycles, rank) for rank, program in enumerate(programs)
        ]
        heapq.heapify(self._arrivals)
        self._entered = [0.0] * len(programs)
        self._cycles: list[list[float]] = [[] for _ in programs]

    def run(self) -> Burst:
        """Simulate until all programs are through."""
        first, now = self._arrivals[0][0] if self._arrivals else 0.0, 0.0
        while True:
            end = self._queue.next_end()
            if self._arrivals and self._arrivals[0][0] <= end:
                self._arrive(*heapq.heappop(self._arrivals))
            elif end < _NEVER:
                now, left = self._queue.finish()
                for who in left:
                    self._leave(now, who)
                self._watch(now)
            else:
                return Burst(tuple(map(tuple, self._cycles)), max(now - first, 0.0))

    def _arrive(self, now: float, who: int) -> None:
        """Let a vCPU begin its next request, unless its faults hold it up."""
        if now > self._kept_from:
            self._kept.append(who)
            return
        self._entered[who] = now
        self._queue.enter(now, who, self._next(who).walks)
        self._watch(now)

    def _watch(self, now: float) -> None:
        """Set the time from which faults hold vCPUs up; release them once faults succeed again."""
        if self._queue.stalls:
            self._kept_from = min(self._kept_from, now + self._grace)
            return
        self._kept_from = _NEVER
        for who in self._kept:
            self._return(now, who)
        self._kept.clear()

    def _leave(self, now: float, who: int) -> None:
        cycles = self._cycles[who]
        cycles.append(now - self._entered[who])
        if len(cycles) < len(self._programs[who]):
            self._return(now, who)
        else:
            self._queue.retire()

    def _return(self, now: float, who: int) -> None:
        """Schedule the next request of a vCPU, after its work in the guest."""
        heapq.heappush(self._arrivals, (now + self._next(who).gap_cycles, who))

    def _next(self, who: int) -> LockRequest:
        return self._programs[who][len(self._cycles[who])]


class _Lock:
    """What both kinds of queue share: the time, and how fast walks go on.

    ``vcpus`` counts those that are not through with the burst, and the BSP, which waits for them.
    """

    def __init__(self, model: LockModel, vcpus: int, rules: Rules) -> None:
        self._model, self._vcpus, self._shared = model, vcpus, rules.shared
        self._now = 0.0
        self._pressure = 0.0

    def retire(self) -> None:
        """Note that a vCPU is through with its requests; from now on it waits and needs no page."""
        self._vcpus -= 1

    def _pace_of(self, zappers: int, faulters: int, *, stalls: bool) -> Pace:
        """Return the pace; faults count only where they fail until walks end."""
        return self._model.pace(zappers, faulters if stalls else 0, shared=self._shared)

    def _go_on(self, now: float, pace: Pace) -> float:
        """Let time go on to ``now`` and return the steps taken."""
        passed = now - self._now
        steps = pace.steps(passed, self._pressure)
        self._pressure = pace.pressure_after(passed, self._pressure)
        self._now = now
        return steps


class _EachItself(_Lock):
    """Every vCPU walks for itself; the lock is fair, so all take equally many steps."""

    def __init__(self, model: LockModel, vcpus: int, rules: Rules) -> None:
        super().__init__(model, vcpus, rules)
        self._steps = 0.0
        self._ends: list[tuple[float, int, Walk]] = []
        self._to_do: dict[int, list[Walk]] = {}
        self._stalling = 0

    @property
    def stalls(self) -> bool:
        """Whether faults fail at present; under the shared lock they never do."""
        return self._stalling > 0 and not self._shared

    def _pace(self) -> Pace:
        zappers = len(self._ends)
        return self._pace_of(zappers, self._vcpus - zappers, stalls=self.stalls)

    def next_end(self) -> float:
        """Return when the first walk ends if nobody else comes."""
        if not self._ends:
            return _NEVER
        return self._now + self._pace().cycles(self._ends[0][0] - self._steps, self._pressure)

    def enter(self, now: float, who: int, walks: Sequence[Walk]) -> None:
        """Let a vCPU begin."""
        if self._ends:
            self._steps += self._go_on(now, self._pace())
        self._now = now
        self._to_do[who] = list(reversed(walks)) or [_NOTHING]
        self._begin(who)

    def _begin(self, who: int) -> None:
        walk = self._to_do[who].pop()
        self._stalling += walk.stalls_faults
        heapq.heappush(self._ends, (self._steps + walk.entries, who, walk))

    def finish(self) -> tuple[float, list[int]]:
        """Let the first walk end; return when, and the vCPU that is through with its request."""
        self._go_on(self.next_end(), self._pace())
        self._steps, who, walk = heapq.heappop(self._ends)
        self._stalling -= walk.stalls_faults
        if not self._stalling:
            self._pressure = 0.0
        if self._to_do[who]:
            self._begin(who)
            return self._now, []
        return self._now, [who]


class _OneForAll(_Lock):
    """One vCPU zaps all ranges of the list; the others wait until it is empty.

    Between two ranges there is no time for faults to end, so their pressure stays.
    """

    def __init__(self, model: LockModel, vcpus: int, rules: Rules) -> None:
        super().__init__(model, vcpus, rules)
        self._queued: list[Walk] = []
        self._walk = _NOTHING
        self._left = 0.0
        self._waiting: list[int] = []

    @property
    def stalls(self) -> bool:
        """Whether faults fail at present; under the shared lock they never do."""
        return self._walk.stalls_faults and not self._shared

    def _pace(self) -> Pace:
        # Those that wait for the list to become empty count as faulting, too.
        return self._pace_of(1, self._vcpus - 1, stalls=self.stalls)

    def next_end(self) -> float:
        """Return when the walk ends if nobody else comes."""
        if not self._waiting:
            return _NEVER
        return self._now + self._pace().cycles(self._left, self._pressure)

    def enter(self, now: float, who: int, walks: Sequence[Walk]) -> None:
        """Queue a vCPU's ranges; only exact duplicates of queued ones are left out."""
        if self._waiting:
            self._left = max(self._left - self._go_on(now, self._pace()), 0.0)
        self._now = now
        queued = {(walk.start_gfn, walk.end_gfn) for walk in self._queued}
        self._queued += [walk for walk in walks if (walk.start_gfn, walk.end_gfn) not in queued]
        self._queued.sort(key=lambda walk: walk.order)
        self._waiting.append(who)
        if len(self._waiting) == 1:
            self._next()

    def _next(self) -> None:
        self._walk = self._queued.pop(0) if self._queued else _NOTHING
        self._left = float(self._walk.entries)

    def finish(self) -> tuple[float, list[int]]:
        """Let the walk end; return when, and the vCPUs that go on: all, once the list is empty."""
        self._go_on(self.next_end(), self._pace())
        left = self._waiting
        if self._queued:
            self._next()
            return self._now, []
        self._waiting, self._pressure = [], 0.0
        self._next()
        return self._now, left
