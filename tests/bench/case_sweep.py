"""Sweeps: what processes cost, as the same points worked out in one.

On two free CPUs a sweep in two processes is 2 / ratio times as fast as in one: the ratio is above 1
because each starts a Python of its own and makes the boots that both work at. On busy CPUs it is
not: the other process is niced, so that a window stays quick, and gets what others leave.
"""

from __future__ import annotations

from mtrrviz.analysis.sweep import sweep
from mtrrviz.core.policies import policy_ids
from tests.bench.registry import Pair, case

IN_TURN = "the same in one process"


@case("sweep to 255 vCPUs on two CPUs", reference=IN_TURN, limit=1.4, in_short=False)
def large_sweep() -> Pair:
    """A boot at a time, the largest first; this process takes part."""
    axes = ("ovmf", [64, 128, 255], [2.0], policy_ids()[::2])
    return Pair(
        lambda: sweep(*axes, processes=2, here=True),
        lambda: sweep(*axes, processes=1),
    )


@case("sweep of two policies to 16 vCPUs", reference=IN_TURN, limit=1.2)
def usual_sweep() -> Pair:
    """What `mtrrviz sweep` does: too little to start processes for."""
    axes = ("ovmf", [1, 2, 4, 8, 16], [2.0], ["per-vcpu", "per-vm"])
    return Pair(lambda: sweep(*axes, here=True), lambda: sweep(*axes, processes=1))
