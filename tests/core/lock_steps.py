"""A zap's walk under mmu_lock, turn by turn: slow and obvious, to check the closed form with."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.core.lock_model import LockModel


def mean_step(model: LockModel, zappers: int, faulters: int, steps: int = 4000) -> float:
    """Return the mean cycles of one zapper's step, among rivals and faults that are retried.

    The zapper looks at an entry, then lets everybody who waits have the lock once: each rival, who
    always waits, and all faulting vCPUs whose pause is over, together. Pauses are random with a
    known mean.
    """
    chance = random.Random(zappers * 1000 + faulters)

    def pause() -> float:
        return chance.expovariate(1 / model.pause.value)

    back_at = [pause() for _ in range(faulters)]
    now = 0.0
    for _ in range(steps):
        now += model.own.value
        waiting = [who for who, time in enumerate(back_at) if time <= now]
        now += (zappers - 1) * model.turn.value
        now += model.turn.value * bool(waiting)
        for who in waiting:
            back_at[who] = now + pause()
    return now / steps
