"""The parts of a boot's time, gathered from its replay, its pages and the model of the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.costs.boot_time import BootParts, BootTime
from mtrrviz.core.record import Record
from mtrrviz.sim.lock_costs import DEFAULT_LOCK, LockCosts, LockPlan
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM, slow_seconds

if TYPE_CHECKING:
    from mtrrviz.core.costs.lock_model import LockModel
    from mtrrviz.core.memtype import MemoryType

DEFAULT_BOOT = BootTime()


class Replayed(Record):
    """What a replay finds out about a boot; it does not depend on the constants of the model.

    ``plan`` has who meets whom at the lock; ``slow_touches`` counts touches by memory type.
    """

    plan: LockPlan
    memory_gib: float
    refaults: int
    slow_touches: dict[MemoryType, int]

    @property
    def zap_count(self) -> int:
        """The number of zap requests, as the published measurements count."""
        return len(self.plan.walks)

    def parts(
        self,
        costs: LockCosts,
        boot: BootTime = DEFAULT_BOOT,
        platform: str = DEFAULT_PLATFORM,
    ) -> BootParts:
        """Return the parts of the boot on a CPU whose memory speeds are known."""
        return BootParts(
            memory_gib=self.memory_gib,
            wall_cycles=costs.wall_cycles,
            disturbing=costs.disturbing,
            refaults=self.refaults,
            slow_s=slow_seconds(self.slow_touches, boot.accesses.value, platform),
        )

    def figures(
        self,
        lock: LockModel = DEFAULT_LOCK,
        boot: BootTime = DEFAULT_BOOT,
        platform: str = DEFAULT_PLATFORM,
    ) -> tuple[float, float]:
        """Return modelled zap Mcycles and seconds of boot time."""
        costs = self.plan.costs(lock)
        return float(costs.cycles.sum()) / 1e6, boot.boot_s(self.parts(costs, boot, platform))
