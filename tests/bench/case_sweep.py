"""Sweeps: what processes cost, as the same points worked out in one.

On two free CPUs a sweep in two processes is 2 / ratio times as fast as in one: the ratio is above 1
because each makes the boots that both work at. On busy CPUs it is not: the other process is niced,
so that a window stays quick, and gets what others leave.
"""

from __future__ import annotations

from mtrrviz.analysis.sweep import sweep
from tests.bench.case_commands import started
from tests.bench.registry import Pair, case

IN_TURN = "the same in one process"
_LARGE = """
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command has it
from mtrrviz.analysis.sweep import sweep
from mtrrviz.core.policies import policy_ids
vcpus = [1, 2, 4, 8, 16, 32, 64, 128, 255]
sweep("ovmf", vcpus, [2.0], policy_ids(), processes={processes}, here=True)
"""


@case("sweep to 255 vCPUs on two CPUs", reference=IN_TURN, limit=1.2, in_short=False)
def large_sweep() -> Pair:
    """What the command does for all policies, in a program without other threads."""
    return Pair(*(started("-c", _LARGE.format(processes=processes)) for processes in (2, 1)))


@case("sweep of two policies to 16 vCPUs", reference=IN_TURN, limit=1.2)
def usual_sweep() -> Pair:
    """What `mtrrviz sweep` does: too little to start processes for."""
    axes = ("ovmf", [1, 2, 4, 8, 16], [2.0], ["per-vcpu", "per-vm"])
    return Pair(lambda: sweep(*axes, here=True), lambda: sweep(*axes, processes=1))
