"""The parts of a boot's time, gathered from its replay, its pages and the model of the lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.core.boot_time import BootParts, BootTime
from mtrrviz.sim.lock_costs import DEFAULT_LOCK, LockCosts, LockPlan, plan_of, rules_of
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM, slow_seconds, touches_by_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.core.lock_model import LockModel
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.sim.lock_costs import Requested
    from mtrrviz.sim.run import Run

DEFAULT_BOOT = BootTime()


@dataclass(frozen=True)
class Replayed:
    """What a replay says of a boot, whatever the constants: from here on only numbers are put in.

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


def replayed(run: Run, requests: Sequence[Requested]) -> Replayed:
    """Return what ``run`` and its zap requests say."""
    return Replayed(
        plan=plan_of(run.scenario, rules_of(run.policy), requests),
        memory_gib=run.memory_gib,
        refaults=run.summary.refaults,
        slow_touches=touches_by_type(run),
    )
