from __future__ import annotations

from mtrrviz.analysis.checks.rule_registry import rule
from mtrrviz.analysis.solve import solution_text
from mtrrviz.api.building import (
    boot,
    build_machine,
    build_scenario,
    event,
    phase,
    region,
    touch,
    write,
)
from mtrrviz.api.loading import DumpWarning, load, save
from mtrrviz.api.pictures import (
    map_frame,
    map_picture_of,
    map_plot,
    map_table,
    timeline_picture_of,
    timeline_plot,
    timeline_table,
)
from mtrrviz.api.quantities import gfn, ns
from mtrrviz.api.questions import (
    check,
    compare,
    explain,
    explain_text,
    mend,
    policies,
    state,
    sweep,
)
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.policies import get_policy
from mtrrviz.facts.figures import figures
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Phase, Scenario
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import Sweep, Touches
from mtrrviz.sim.run import Run, State
from mtrrviz.sim.simulate import simulate

__version__: str

__all__ = [
    "DumpWarning",
    "Event",
    "EventKind",
    "MachineSpec",
    "MemoryType",
    "MtrrvizError",
    "Phase",
    "Policy",
    "Region",
    "RegionKind",
    "Run",
    "Scenario",
    "ScenarioError",
    "State",
    "Sweep",
    "Touches",
    "boot",
    "build_machine",
    "build_scenario",
    "check",
    "compare",
    "event",
    "explain",
    "explain_text",
    "figures",
    "get_policy",
    "gfn",
    "load",
    "map_frame",
    "map_picture_of",
    "map_plot",
    "map_table",
    "mend",
    "ns",
    "phase",
    "policies",
    "region",
    "rule",
    "save",
    "simulate",
    "solution_text",
    "state",
    "sweep",
    "timeline_picture_of",
    "timeline_plot",
    "timeline_table",
    "touch",
    "write",
]
