"""The memory map that the layout of a machine asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.policies import HARDWARE
from mtrrviz.sim.replay import machine_at

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.wanted.wanted_edits import Wanted


class MachinesWanted:
    """Keeps what was worked out for the last machine, as it was when it was first asked."""

    def __init__(self) -> None:
        self._kept: tuple[MachineSpec, Wanted] | None = None

    def of(self, scenario: Scenario) -> Wanted:
        """Return what the layout asks for; of a real machine it keeps what registers say."""
        machine = scenario.machine
        if self._kept is None or self._kept[0] is not machine:
            # Not before somebody asks: the readers of memory maps in texts come with it.
            from mtrrviz.session.wanted.wanted_edits import Wanted  # noqa: PLC0415
            from mtrrviz.session.wanted.wanted_sources import machine_ranges  # noqa: PLC0415

            now = machine_at(scenario, HARDWARE, scenario.duration_ns) if machine.is_host else None
            self._kept = machine, Wanted(machine_ranges(machine, now))
        return self._kept[1]
