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

How far to trust it: all five constants come from boots with 8 vCPUs. There the model is off by 20 %
rms, and two series of the same measurements differ by up to 38 %. At 16 vCPUs it predicts zaps that
fight each other within 10 % and 16 % (OVMF, before the patch and at CD edges) and those under the
shared lock mostly within 20 %. It misses two things that no boot with 8 vCPUs shows. From 8 to 16 a
lone zap among waiting vCPUs got 4 to 6 times dearer (SeaBIOS before the patch: 74 % too low here);
at 8 its extra cost is below the noise, so nothing is there to fit. And zaps at CD edges got 6.1
times dearer in all under OVMF but 4.1 times under SeaBIOS, though they meet at the lock alike: one
law of growth has to miss one of them by 20 % or more (here -16 % and +53 %).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache

from mtrrviz.core.cost import Constant
from mtrrviz.core.lock_walk import FULL_WALK_ENTRIES

_SERIES = "published measurements of the KVM series 'refine memtype related mmu zap'"
_FIT = "the 30 rows of boots with 8 vCPUs (python -m tests.calibrate)"

_PRECISION = 1e-9

OWN = Constant(
    451.6,
    "cycles",
    f"looking at one entry; a walk of all memory visits some {FULL_WALK_ENTRIES:,}",
    _SERIES,
    _FIT,
)
TURN = Constant(5395.0, "cycles", "letting one other have the lock once", _SERIES, _FIT)
PAUSE = Constant(
    372000.0,
    "cycles",
    "between two tries of a fault that a zap keeps from ending, mean of all vCPUs in the guest",
    _SERIES,
    _FIT,
)
STAGGER = Constant(
    1.2515e6,
    "cycles",
    "by which one AP reaches its first zap after another that was woken with it",
    _SERIES,
    _FIT,
)
SHARED = Constant(
    0.4126, "of a step", "a step under the shared lock, where subtrees go as one", _SERIES, _FIT
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
