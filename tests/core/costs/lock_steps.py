"""A walk under mmu_lock, step by step: slow and obvious, to check the closed form with."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.core.costs.lock_model import LockModel


def stepped_cycles(model: LockModel, zappers: int, faulters: int, steps: int) -> float:
    """Return the cycles of so many steps of one zapper, among rivals and vCPUs that fault.

    The zapper looks at an entry, then lets each rival have the lock once, and on average so much
    of each faulting vCPU as is its pressure, which grows with every cycle of the step.
    """
    relaxed, now = 1.0, 0.0
    for _ in range(steps):
        step = model.own.value + model.turn.value * (zappers - 1 + faulters * (1.0 - relaxed))
        relaxed *= 1.0 - min(step * faulters / model.onset.value, 1.0)
        now += step
    return now


def drawn_cycles(model: LockModel, faulters: int, steps: int, walks: int) -> float:
    """Return the mean cycles of lone walks: at each step each vCPU waits or not, by chance."""
    chance = random.Random(faulters)
    total = 0.0
    for _ in range(walks):
        now = 0.0
        for _ in range(steps):
            pressure = -math.expm1(-now * faulters / model.onset.value)
            waiting = sum(chance.random() < pressure for _ in range(faulters))
            now += model.own.value + model.turn.value * waiting
        total += now
    return total / walks
