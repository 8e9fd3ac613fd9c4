"""The constants behind all that is modelled of a run: the lock, the boot, the memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.sim.boot_parts import DEFAULT_BOOT
from mtrrviz.sim.lock_costs import DEFAULT_LOCK
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM, speed_constants

if TYPE_CHECKING:
    from mtrrviz.core.boot_time import BootTime
    from mtrrviz.core.cost import Constant
    from mtrrviz.core.lock_model import LockModel


@dataclass(frozen=True, slots=True)
class CostModel:
    """What zaps cost at mmu_lock, how long a boot takes, and on which CPU slow leaves are met."""

    lock: LockModel = DEFAULT_LOCK
    boot: BootTime = DEFAULT_BOOT
    platform: str = DEFAULT_PLATFORM

    def constants(self) -> tuple[Constant, ...]:
        """Return every constant in force, for a table of sources."""
        return (
            *self.lock.constants(),
            *self.boot.constants(),
            *speed_constants(self.platform),
        )
