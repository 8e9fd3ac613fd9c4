"""What a scenario tells: as a whole, and at one moment."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_time_ns
from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.view import ANY_VIEW

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.view import View


def has_story(scenario: Scenario) -> bool:
    """Return whether a scenario has a story: it opens at a moment or carries notes."""
    has_notes = any(note.text for note in scenario.notes)
    return bool(scenario.description) and (has_notes or scenario.view != ANY_VIEW)


def is_to_look_at(path: Path | None, scenario: Scenario) -> bool:
    """Return whether a scenario is nobody's own: a built-in one, or one where nothing happens."""
    is_builtin = path is not None and path.parent == scenarios_dir()
    return is_builtin or not (scenario.events or len(scenario.touches))


def moment_words(scenario: Scenario, time_ns: int) -> str:
    """Return what goes on at a time: the phase, what it is about, and its latest note so far."""
    phase = scenario.phase_at(time_ns)
    since_ns = 0 if phase is None else phase.start_ns
    about = "" if phase is None else ": ".join(filter(None, (phase.name, phase.text)))
    note = _last_note(scenario, since_ns, time_ns)
    return " \N{EN DASH} ".join(filter(None, (about, note)))


def _last_note(scenario: Scenario, since_ns: int, until_ns: int) -> str:
    """Return the text of the last note between two times, both included; "" if there is none."""
    at = bisect_right(scenario.notes, until_ns, key=attrgetter("time_ns"))
    last = scenario.notes[at - 1] if at else None
    return "" if last is None or last.time_ns < since_ns else last.text


def opening_words(view: View, machine: MachineSpec) -> str:
    """Return what a scenario opens with: "at 0.800 s, page 0x140_0000, vCPU 1, per-vcpu"."""
    parts = (
        None if view.time_ns is None else f"at {format_time_ns(view.time_ns)}",
        None if view.gfn is None else f"page {format_gpa(view.gfn * PAGE_SIZE)}",
        None if view.vcpu is None else f"{machine.cpu_word} {view.vcpu}",
        None if view.policy is None else f"policy {view.policy}",
        None if view.compared is None else f"compared with {view.compared}",
        None if view.map_mode is None else f"map {view.map_mode.value}",
    )
    said = ", ".join(part for part in parts if part is not None)
    return f"Opens {said}" if said else "Opens at the start, as the user chose last"
