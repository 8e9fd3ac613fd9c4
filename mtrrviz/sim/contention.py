"""Which zaps contend for mmu_lock, read off what the scenario says of its phases.

A zap contends when an application processor of the guest makes it in a phase in which the APs
act at once; its rivals are the other APs that zap in that phase. State puts of the VMM happen
before the guest runs and never contend.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.model import Aps, Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mtrrviz.sim.growing import ZapRow


def rivals_of(scenario: Scenario, zaps: Sequence[ZapRow]) -> NDArray[np.int16]:
    """Return for each zap how many other vCPUs zap in the same burst."""
    starts = [phase.start_ns for phase in scenario.phases]
    bursts = [_burst(scenario, starts, row) for row in zaps]
    members: dict[int, set[int]] = {}
    for burst, row in zip(bursts, zaps, strict=True):
        if burst is not None:
            members.setdefault(burst, set()).add(row.vcpu)
    counts = [0 if burst is None else len(members[burst]) - 1 for burst in bursts]
    return np.array(counts, np.int16)


def _burst(scenario: Scenario, starts: list[int], row: ZapRow) -> int | None:
    """Return the number of the concurrent phase that a zap contends in, or None."""
    if row.vcpu <= 0 or scenario.events[row.event].kind is EventKind.VMM_WRMSR:
        return None
    phase = bisect_right(starts, row.time_ns) - 1
    concurrent = phase >= 0 and scenario.phases[phase].aps is Aps.CONCURRENT
    return phase if concurrent else None
