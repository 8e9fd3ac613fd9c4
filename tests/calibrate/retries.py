"""Another law of the lock, for comparison: only vCPUs that zaps keep from running fault.

Here a vCPU that is kept from its own zap tries its fault again and again, each try has the lock to
itself for a ``visit``, and vCPUs that merely wait in the guest hardly fault at all. Time goes on
from one arrival, end of a walk or end of all zaps to the next, as in
:mod:`mtrrviz.core.lock_queue`.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mtrrviz.core.lock_model import TRAP
from mtrrviz.core.lock_walk import Walk

if TYPE_CHECKING:
    from mtrrviz.sim.lock_costs import LockPlan

Programs = list[list[tuple[float, tuple[Walk, ...]]]]
"""Of each vCPU its requests: cycles of guest work before, and what is walked."""


@dataclass(frozen=True, slots=True)
class RetryLaw:
    """Its constants, in cycles but for three.

    ``shared`` is of a step, ``lone`` the share of vCPUs waiting in the guest that fault during a
    lone zap, ``grace`` counts staggers.
    """

    own: float
    turn: float
    visit: float
    pause: float
    stagger: float
    shared: float
    lone: float
    grace: float

    def step(self, zappers: int, faulters: float) -> float:
        """Return the cycles of a step: the root of step = alone + visits * step/(pause + step)."""
        alone = self.own + self.turn * (zappers - 1)
        excess = alone + self.visit * faulters - self.pause
        return (excess + math.sqrt(excess * excess + 4 * alone * self.pause)) / 2

    def mcycles(self, plan: LockPlan) -> float:
        """Return the modelled Mcycles of a boot."""
        cycles = sum(
            self._lone(plan, walk, place.faulters)
            for walks, place in zip(plan.walks, plan.places, strict=True)
            if place.burst is None
            for walk in walks
        )
        for burst in plan.bursts:
            programs = [[(plan.traps[n] * TRAP.value, plan.walks[n]) for n in ns] for ns in burst]
            cycles += _Burst(self, plan, programs).run()
        return cycles / 1e6

    def _lone(self, plan: LockPlan, walk: Walk, waiting: int) -> float:
        if plan.rules.shared:
            return walk.entries * self.own * self.shared
        return walk.entries * self.step(1, self.lone * waiting * walk.stalls_faults)


@dataclass
class _Zapper:
    """A vCPU at the lock, or the one that works for all: entries left of its walk, more walks."""

    since: float
    left: float = 0.0
    stalls: bool = False
    more: list[Walk] = field(default_factory=list)

    def go_on(self) -> bool:
        """Begin the next walk; say whether there was one."""
        if self.more:
            walk = self.more.pop(0)
            self.left, self.stalls = float(walk.entries), walk.stalls_faults
            return True
        return False


class _Burst:
    """One burst; under serialising policies the first to come walks for those who come after."""

    def __init__(self, law: RetryLaw, plan: LockPlan, programs: Programs) -> None:
        self._law, self._rules, self._programs = law, plan.rules, programs
        self._done = [0] * len(programs)
        self._arrivals = [(i * law.stagger + p[0][0], i) for i, p in enumerate(programs)]
        heapq.heapify(self._arrivals)
        self._zappers: dict[int, _Zapper] = {}
        self._waiting: dict[int, float] = {}
        self._kept: list[int] = []
        self._kept_from = math.inf
        self._now = self._spent = 0.0

    def run(self) -> float:
        """Return the cycles of all requests."""
        while self._arrivals or self._zappers:
            end = self._now + self._least_left() * self._pace()
            if self._arrivals and self._arrivals[0][0] <= end:
                time, who = heapq.heappop(self._arrivals)
                self._advance(max(time, self._now))
                self._arrive(who)
            else:
                self._advance(end)
                self._finish()
            self._watch()
        return self._spent

    def _least_left(self) -> float:
        return min((max(zapper.left, 0.0) for zapper in self._zappers.values()), default=math.inf)

    def _stalls(self) -> bool:
        return not self._rules.shared and any(z.stalls for z in self._zappers.values())

    def _pace(self) -> float:
        if self._rules.shared:
            return self._law.own * self._law.shared
        return self._law.step(max(len(self._zappers), 1), len(self._kept) * self._stalls())

    def _advance(self, time: float) -> None:
        steps = (time - self._now) / self._pace()
        for zapper in self._zappers.values():
            zapper.left -= steps
        self._now = time

    def _arrive(self, who: int) -> None:
        if self._now > self._kept_from:
            self._kept.append(who)
            return
        walks = list(self._programs[who][self._done[who]][1])
        if self._rules.serialises and self._zappers:
            self._waiting[who] = self._now
            (working,) = self._zappers.values()
            working.more += [walk for walk in walks if walk not in working.more]
            working.more.sort(key=lambda walk: walk.order)
        else:
            self._zappers[who] = _Zapper(self._now, more=walks)
            self._zappers[who].go_on()

    def _finish(self) -> None:
        who = min(self._zappers, key=lambda number: self._zappers[number].left)
        if self._zappers[who].go_on():
            return
        self._leave(who, self._zappers.pop(who).since)
        for other, since in self._waiting.items():
            self._leave(other, since)
        self._waiting.clear()

    def _leave(self, who: int, since: float) -> None:
        self._spent += self._now - since
        self._done[who] += 1
        if self._done[who] < len(self._programs[who]):
            self._return(who)

    def _return(self, who: int) -> None:
        gap = self._programs[who][self._done[who]][0]
        heapq.heappush(self._arrivals, (self._now + gap, who))

    def _watch(self) -> None:
        if self._stalls():
            grace = self._law.grace * self._law.stagger
            self._kept_from = min(self._kept_from, self._now + grace)
            return
        self._kept_from = math.inf
        for who in self._kept:
            self._return(who)
        self._kept.clear()
