"""Applying a solution: one undoable edit that writes every MTRR of every vCPU as a kernel does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mtrrviz.session.edits import Edit, RegisterWrite, write_as_kernel

if TYPE_CHECKING:
    from mtrrviz.analysis.mend import Solution
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.model import Scenario


def mend_edit(scenario: Scenario, time_ns: int, machine: Machine, solution: Solution) -> Edit:
    """Return the edit that gives all vCPUs the solution's registers from ``time_ns`` on.

    ``machine`` is the state at that time. Each vCPU in turn: caches off, MTRRs off, the registers,
    MTRRs on, caches on.
    """
    writes = [RegisterWrite(msr, value) for msr, value in solution.writes]
    edit = write_as_kernel(scenario, time_ns, machine, range(machine.vcpus), writes)
    pairs = len(solution.pairs)
    return replace(edit, label=f"Mend the MTRRs: {pairs} variable range{'s' * (pairs != 1)}")
