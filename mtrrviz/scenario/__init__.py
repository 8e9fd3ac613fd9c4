"""Scenarios: a machine and what happens to it, as a value, and its files.

A scenario says what the guest and the VMM do; it never says what KVM makes of it.
That is the work of :mod:`mtrrviz.sim` with a policy.
"""

from __future__ import annotations

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Aps, Phase, Recording, Scenario
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import Access, Sweep, Touches

__all__ = [
    "Access",
    "Aps",
    "Event",
    "EventKind",
    "MachineSpec",
    "Phase",
    "Recording",
    "Region",
    "RegionKind",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "Touches",
]
