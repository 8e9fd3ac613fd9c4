"""The figures of a real machine: as a table for readers, as a JSON object for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.units import format_size
from mtrrviz.exporters.text_tables import one_line
from mtrrviz.facts.hosts.hardware_types import host_figures
from mtrrviz.facts.hosts.host_words import FIGURES, figure_words, host_result

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run


def host_run_result(run: Run) -> dict[str, Any]:
    """Return the figures of a real machine as JSON values, at the end of its events."""
    machine = run.scenario.machine
    figures = host_figures(run.at(run.scenario.duration_ns), 0)
    return {
        "scenario": run.scenario.name,
        "machine": str(machine.kind),
        "cpus": machine.vcpus,
        "memory_bytes": machine.memory_bytes,
        **host_result(figures),
    }


def host_blocks(run: Run) -> list[list[str]]:
    """Return the figures of a real machine, and what does not apply to it."""
    machine, figures = run.scenario.machine, host_figures(run.at(run.scenario.duration_ns), 0)
    size = format_size(machine.memory_bytes) if machine.memory_bytes else "RAM not known"
    cpus = "1 CPU" if machine.vcpus == 1 else f"{machine.vcpus} CPUs"
    heading = [
        one_line(f"{run.scenario.title} ({run.scenario.name})"),
        f"a real machine: {cpus}, {size}",
    ]
    words = figure_words(figures)
    rows = [(caption, words[key]) for key, caption, _ in FIGURES]
    width = max(len(caption) for caption, _ in rows)
    table = [f"{caption:<{width}}  {value}" for caption, value in rows]
    note = "Policies, zaps, faults and boots are a KVM guest's: --machine guest shows it as one."
    return [heading, table, [note]]
