"""What one step of a zap's walk costs when others want mmu_lock too.

``kvm_zap_gfn_range`` holds the lock for write and looks for waiters after each entry. With a
waiter it yields: it lets the lock go, queues up again, and takes its next step when its turn
comes. Two kinds wait. Other zappers queue up at once, so every step waits a turn for each of them.
vCPUs in the guest fault on pages that the zap has dropped; a fault takes the lock for read, finds
that the range is still being invalidated, and is tried again a pause later, for as long as the
walk lasts. Those that wait for the same step share the lock, so they cost one turn together. In
the mean values of that closed queueing network

    step = own + turn * (zappers - 1) + turn * (1 - exp(-retries))
    retries = faulters * step / (pause + step)

``retries`` are those that meet one step. The longer steps are the more of them meet it, so beyond
some number of faulting vCPUs a lone walk becomes many times longer. A walk under the shared lock
waits for neither. ``tests/core/lock_steps.py`` simulates the same lock turn by turn.

In a burst a vCPU may come too late. Zaps of others have dropped the pages it runs from, and no
fault ends while one of them is under way: it gets to its own zap only when all are over. The model
lets those in who come within ``grace`` of the first (:mod:`mtrrviz.core.lock_queue`). So woken
vCPUs that zap once (SeaBIOS) fight in two groups, and those that zap again and again (OVMF) soon
all at once.

How far to trust it: five constants are fitted to boots with 8 vCPUs. Of ``grace`` those say little:
the model is off by 20.9 % rms with 5.5, by 22.1 % with one less and by 20.2 % with more or without
a limit, while two series of the same measurements differ by up to 38 %. So 5.5 was chosen, like the
form of the law, with the rows of 16 in sight. What it says of 16, beside the simplest model, a cost
for each zap and one for each rival of it:

    boot and policy      here   simplest
    OVMF, before        +7 %     -5 %
    OVMF, CD edges     -20 %    -25 %
    SeaBIOS, before    -73 %    -84 %
    SeaBIOS, CD edges   +7 %    +33 %

What it cannot say, nor any law fitted to 8 vCPUs alone: from 8 to 16 a lone zap among waiting vCPUs
got 4 to 6 times dearer, and zaps done by one vCPU for all up to 20 times. Faulting vCPUs cause
that, and with 8 of them their cost is below the noise. ``python -m tests.calibrate --study`` fits
laws to 8 vCPUs that are off there by 18 to 23 %, and at 16 by anything from -90 % (this one) to
+18 % where one vCPU zaps for all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache

from mtrrviz.core.cost import Constant
from mtrrviz.core.lock_walk import FULL_WALK_ENTRIES

_SERIES = "published measurements of the KVM series 'refine memtype related mmu zap'"
_FIT = "the 30 rows of boots with 8 vCPUs (python -m tests.calibrate)"

LIMITS = (
    "What happens beyond 8 vCPUs is not in the measurements that the model was fitted to: how many "
    "late vCPUs wait for the others was chosen with those of 16 in sight, and where one vCPU zaps "
    "for all, laws that fit 8 vCPUs as well differ by a factor of ten at 16."
)
"""How far to trust the model, for those who read its results."""

_PRECISION = 1e-9

OWN = Constant(
    460.6,
    "cycles",
    f"looking at one entry; a walk of all memory visits some {FULL_WALK_ENTRIES:,}",
    _SERIES,
    _FIT,
)
TURN = Constant(6564.0, "cycles", "letting one other have the lock once", _SERIES, _FIT)
PAUSE = Constant(
    442000.0,
    "cycles",
    "between two tries of a fault that a zap keeps from ending, mean of all vCPUs in the guest",
    _SERIES,
    _FIT,
)
STAGGER = Constant(
    1.275e6,
    "cycles",
    "by which one AP reaches its first zap after another that was woken with it",
    _SERIES,
    _FIT,
)
GRACE = Constant(
    5.5,
    "staggers",
    "for which woken vCPUs still get to their zap after the first; later ones fault till it ends",
    f"{_SERIES}; those with 8 vCPUs hardly show it, those with 16 were in sight",
    "chosen, not fitted",
)
SHARED = Constant(
    0.4044, "of a step", "a step under the shared lock, where subtrees go as one", _SERIES, _FIT
)
TRAP = Constant(
    2500.0,
    "cycles",
    "one register write that KVM intercepts, between two zaps",
    "usual cost of a VM exit with an MSR handler",
    "assumed, not fitted",
)


@dataclass(frozen=True, slots=True)
class LockModel:
    """The constants of the lock, each replaceable, and the cycles of a step; all modelled."""

    own: Constant = OWN
    turn: Constant = TURN
    pause: Constant = PAUSE
    stagger: Constant = STAGGER
    grace: Constant = GRACE
    shared: Constant = SHARED
    trap: Constant = TRAP

    def constants(self) -> tuple[Constant, ...]:
        """Return every constant, for a table of sources."""
        return tuple(getattr(self, entry.name) for entry in fields(self))

    def step_cycles(self, zappers: int, faulters: int) -> float:
        """Return the cycles of a step under the exclusive lock, with ``zappers`` in all."""
        return _step(self.own.value, self.turn.value, self.pause.value, zappers, faulters)

    @property
    def shared_step_cycles(self) -> float:
        """Cycles of a step under the shared lock, whoever else wants it."""
        return self.own.value * self.shared.value


@lru_cache(maxsize=4096)
def _step(own: float, turn: float, pause: float, zappers: int, faulters: int) -> float:
    """Solve for the step by letting it grow until it is long enough for its own retries.

    Each round adds less than the one before, and no step exceeds ``own + turn * zappers``.
    """
    alone = own + turn * (zappers - 1)
    step, longer = 0.0, alone
    while longer - step > _PRECISION * longer:
        step = longer
        longer = alone + turn * -math.expm1(-faulters * step / (pause + step))
    return longer
