"""Edits of the phases of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.session.edits.edit import Edit, time_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.model import Phase, Scenario


def add_phase(scenario: Scenario, phase: Phase) -> Edit:
    """Add a phase."""
    _check(phase)
    label = f"Add phase {phase.name!r} at {time_words(phase.start_ns)}"
    return _edit(label, scenario, [*scenario.phases, phase], phase.start_ns)


def change_phase(scenario: Scenario, index: int, phase: Phase) -> Edit:
    """Replace the phase at ``index``."""
    old = scenario.phases[index]
    _check(phase)
    label = f"Change phase {old.name!r}"
    if replace(old, start_ns=phase.start_ns) == phase:
        label = f"Move phase {old.name!r} to {time_words(phase.start_ns)}"
    elif old.name != phase.name:
        label = f"Rename phase {old.name!r} to {phase.name!r}"
    phases = [*scenario.phases[:index], phase, *scenario.phases[index + 1 :]]
    return _edit(label, scenario, phases, min(old.start_ns, phase.start_ns))


def remove_phase(scenario: Scenario, index: int) -> Edit:
    """Take the phase at ``index`` out: the one before lasts longer."""
    phase = scenario.phases[index]
    phases = [*scenario.phases[:index], *scenario.phases[index + 1 :]]
    return _edit(f"Remove phase {phase.name!r}", scenario, phases, phase.start_ns)


def _edit(label: str, scenario: Scenario, phases: Iterable[Phase], since_ns: int) -> Edit:
    ordered = tuple(sorted(phases, key=lambda phase: phase.start_ns))
    # Whether zaps contend follows from the phases, so what comes after may cost differently.
    return Edit(label, scenario.with_phases(ordered), since_ns)


def _check(phase: Phase) -> None:
    if not phase.name.strip():
        raise MtrrvizError("a phase needs a name")
    if phase.start_ns < 0:
        raise MtrrvizError(f"{time_words(phase.start_ns)} is before the start: expected 0 or more")
