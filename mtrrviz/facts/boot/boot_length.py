"""How long the boot of a run takes: the scenario's own time, and what zaps add to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.facts.boot.slow_touches import touches_by_type
from mtrrviz.facts.kept import kept
from mtrrviz.sim.boot_parts import Replayed

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run


@kept(of=lambda run: run.leaves)
def replayed(run: Run) -> Replayed:
    """Return what a replay finds out about the length of the boot."""
    return Replayed(
        plan=run.plan,
        memory_gib=run.scenario.machine.memory_gib,
        refaults=int(np.count_nonzero(run.leaves.refault)),
        slow_touches=touches_by_type(run),
    )


@kept()
def stall_s(run: Run) -> float:
    """Return the seconds that zaps and what follows from them add to the boot (modelled)."""
    boot = run.costs.boot
    return boot.stall_s(replayed(run).parts(run.at_lock, boot, run.costs.platform))


def base_s(run: Run) -> float:
    """Return the seconds without zaps: the scenario's own, or the model's if that is modelled.

    Scenario time itself stays as it is at other constants: events keep their places in it.
    """
    scenario = run.scenario
    if scenario.duration_is_modelled:
        return run.costs.boot.base_boot_s(scenario.machine.memory_gib)
    return scenario.duration_ns / 1e9


def boot_s(run: Run) -> float:
    """Return the length of the boot in seconds."""
    return base_s(run) + stall_s(run)
