"""What the steps of a zap's walk cost when others want mmu_lock too.

``kvm_zap_gfn_range`` holds the lock for write and looks for waiters after each entry. With a
waiter it yields: it lets the lock go, queues up again, and takes its next step when its turn
comes. Two kinds wait. Other zappers queue up at once, so every step waits a turn for each of them.
vCPUs in the guest fault on pages that the zap has dropped; a fault takes the lock for read, finds
that the range is still being invalidated, and is tried again, for as long as the walk lasts. The
longer it lasts the more translations are missed and the more often faults are tried. With the
pressure of :mod:`mtrrviz.core.costs.lock_pace`, which grows from 0 towards 1 with time over
``onset``,

    step = own + turn * (zappers - 1) + turn * faulters * pressure
    onset = ONSET / faulters

A step that is longer lets the pressure grow further until the next one, so that walks grow
exponentially with their length and with the square of the vCPUs in the guest until each of them
waits at every step. A walk under the shared lock waits for nobody. A zap that meets no other
also takes ``flush`` cycles besides its walk. ``tests/core/costs/lock_steps.py`` has the same step
by step.

In a burst, APs come one ``stagger`` after another, and a vCPU may come too late. Zaps of others
have dropped the pages it runs from, and no fault ends while one of them is under way: it gets to
its own zap only when all are over. The model lets those in who come within ``grace`` of the first
(:mod:`mtrrviz.core.costs.lock_queue`). A vCPU that is through with its requests waits in the
guest and no longer counts as faulting. Where one vCPU zaps for all, those that wait for it count
as if they faulted.

Small differences decide whether an AP comes just before or just after a list of ranges is empty,
and what a burst costs jumps with them. Published figures are of several boots, and no two boots
are alike. So bursts are worked out at three staggers, and cost the geometric mean
(:mod:`mtrrviz.sim.lock_costs`). With a single stagger, a fit finds places where it is lucky with
such a jump.

Six constants are fitted to all 46 published rows, at 8 and at 16 vCPUs, and the number of late
vCPUs (``grace``) was chosen with all rows in sight. Fitted cycles are off by 12 % (median), 45 % at
most. Two series of the same measurements differ by up to 38 %. The least sum of squares is 4 %
smaller, with a median of 11 % but one row off by 51 %; what is shipped was chosen near it so that
no row is off by more than 45 % and so that 1 % more or less of any constant changes little. Fits
that did not see some rows (:mod:`mtrrviz.analysis.left_out`) predict them as follows, over all
rows:

    left out                median     most
    a firmware                14 %     78 %
    a number of vCPUs         17 %    222 %
    a policy                  16 %     91 %

What the law does not explain: why the pressure comes sooner the more vCPUs there are, and why
those that wait for one that zaps for all slow it down (without that the serialising policies are
80 % too cheap at 16). The rows that are furthest off are bursts of SeaBIOS, which come out too
expensive: its APs seem to come further apart than those of OVMF. Beyond 16 vCPUs nothing was
measured and walks grow fast: such figures are guesses.
"""

from __future__ import annotations

from functools import lru_cache

from mtrrviz.core.costs.cost import Constant
from mtrrviz.core.costs.lock_pace import Pace
from mtrrviz.core.costs.lock_walk import FULL_WALK_ENTRIES
from mtrrviz.core.record import Record

_SERIES = "published measurements of the KVM series 'refine memtype related mmu zap'"
_FIT = "all 46 rows, 8 and 16 vCPUs (python -m tests.calibrate)"

LIMITS = (
    "Only boots with 8 and 16 vCPUs were measured; with others the model guesses. Fits that did "
    "not see the rows of a firmware, of a number of vCPUs or of a policy are off there by up to "
    "a factor of three."
)
"""How far to trust the model, for those who read its results."""

OWN = Constant(
    293.3,
    "cycles",
    f"looking at one entry; a walk of all memory visits some {FULL_WALK_ENTRIES:,}",
    _SERIES,
    _FIT,
)
TURN = Constant(
    6722.0,
    "cycles",
    "letting one other, a zapper or a fault, have the lock once",
    _SERIES,
    _FIT,
)
ONSET = Constant(
    1.841e9,
    "cycles",
    "over the number of vCPUs in the guest: time in which each comes to want the lock at most of "
    "a walk's steps",
    _SERIES,
    _FIT,
)
FLUSH = Constant(
    260.5e3,
    "cycles",
    "a zap takes beside its walk where it meets no other: the lock, and the flush of all TLBs",
    _SERIES,
    _FIT,
)
STAGGER = Constant(
    937e3,
    "cycles",
    "by which one AP reaches its first zap after another that was woken with it",
    _SERIES,
    _FIT,
)
GRACE = Constant(
    4.5,
    "staggers",
    "for which woken vCPUs still get to their zap after the first; later ones fault till it ends",
    _SERIES,
    "chosen, not fitted",
)
SHARED = Constant(
    0.4309, "of a step", "a step under the shared lock, where subtrees go as one", _SERIES, _FIT
)
TRAP = Constant(
    2500.0,
    "cycles",
    "one register write that KVM intercepts, between two zaps",
    "usual cost of a VM exit with an MSR handler",
    "assumed, not fitted",
)


class LockModel(Record):
    """The constants of the lock, each replaceable, and the pace of a walk; all modelled."""

    own: Constant = OWN
    turn: Constant = TURN
    onset: Constant = ONSET
    flush: Constant = FLUSH
    stagger: Constant = STAGGER
    grace: Constant = GRACE
    shared: Constant = SHARED
    trap: Constant = TRAP

    def constants(self) -> tuple[Constant, ...]:
        """Return every constant, for a table of sources."""
        return tuple(getattr(self, name) for name in self.__struct_fields__)

    def pace(self, zappers: int, faulters: int, *, shared: bool = False) -> Pace:
        """Return how fast each of ``zappers`` walks go on, with ``faulters`` more in the guest.

        Under the ``shared`` lock nobody waits for anybody.
        """
        return _pace(
            self.own.value, self.turn.value, self.onset.value, self.shared.value,
            zappers, faulters, shared,
        )  # fmt: skip


@lru_cache(maxsize=4096)
def _pace(
    own: float, turn: float, onset: float, share: float, zappers: int, faulters: int, shared: bool
) -> Pace:
    if shared:
        return Pace(own * share)
    base = own + turn * (zappers - 1)
    if faulters <= 0 or onset <= 0:
        return Pace(base + turn * max(faulters, 0))
    return Pace(base, turn * faulters, onset / faulters)
