"""mtrrviz shows how KVM turns guest MTRRs into EPT memory types, and what the zaps cost.

The names of :data:`__all__` are promised: scripts, notebooks and plug-ins may use them, and a
change to one is told in the changelog. All else may change any day. The manual's page "Python"
(docs/manual/api.md) has them with examples. Nothing is imported before a name is used; what
has which type is in ``__init__.pyi``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PLACES: dict[str, str] = {
    name: module
    for module, names in {
        "mtrrviz.analysis.checks.rule_registry": "rule",
        "mtrrviz.analysis.solve": "solution_text",
        "mtrrviz.api.building": (
            "boot build_machine build_scenario event phase region touch write"
        ),
        "mtrrviz.api.loading": "DumpWarning load save",
        "mtrrviz.api.pictures": (
            "map_frame map_picture_of map_plot map_table"
            " timeline_picture_of timeline_plot timeline_table"
        ),
        "mtrrviz.api.quantities": "gfn ns",
        "mtrrviz.api.questions": "check compare explain explain_text mend policies state sweep",
        "mtrrviz.core.errors": "MtrrvizError",
        "mtrrviz.core.kvm_rules.policy": "Policy",
        "mtrrviz.core.memtype": "MemoryType",
        "mtrrviz.core.policies": "get_policy",
        "mtrrviz.facts.figures": "figures",
        "mtrrviz.scenario.events": "Event EventKind",
        "mtrrviz.scenario.machine_spec": "MachineSpec Region RegionKind",
        "mtrrviz.scenario.model": "Phase Scenario",
        "mtrrviz.scenario.scenario_error": "ScenarioError",
        "mtrrviz.scenario.touches": "Sweep Touches",
        "mtrrviz.sim.run": "Run State",
        "mtrrviz.sim.simulate": "simulate",
    }.items()
    for name in names.split()
}

__all__ = sorted(_PLACES)  # noqa: PLE0605  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """Import a promised name when it is first used, so that a command pays for nothing else."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
