"""The parts of a run's boot time, gathered from its replay, its pages and the model of the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.boot_time import BootParts, BootTime
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM, slow_seconds

if TYPE_CHECKING:
    from mtrrviz.sim.lock_costs import LockCosts
    from mtrrviz.sim.run import Run

DEFAULT_BOOT = BootTime()


def boot_parts(
    run: Run, costs: LockCosts, boot: BootTime = DEFAULT_BOOT, platform: str = DEFAULT_PLATFORM
) -> BootParts:
    """Return the parts of the boot that ``run`` is, on a CPU whose memory speeds are known."""
    return BootParts(
        memory_gib=run.memory_gib,
        wall_cycles=costs.wall_cycles,
        disturbing=costs.disturbing,
        refaults=run.summary.refaults,
        slow_s=slow_seconds(run, boot.accesses.value, platform),
    )
