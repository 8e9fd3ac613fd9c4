"""The figures of runs: a table for readers, one JSON object a run for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.units import format_size
from mtrrviz.exporters.tables import one_line, text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run

_VCPUS_A_ROW = 16


def run_result(run: Run) -> dict[str, Any]:
    """Return a run's figures as JSON values; `mtrrviz run --help` says what each key means.

    Other programs rely on the keys and on their order: new ones go to the end.
    """
    summary, machine = run.summary, run.scenario.machine
    return {
        "scenario": run.scenario.name,
        "policy": run.policy.id,
        "vcpus": machine.vcpus,
        "memory_bytes": machine.memory_bytes,
        "zap_count": summary.zap_count,
        "zaps_per_vcpu": list(summary.zaps_per_vcpu),
        "zap_mcycles": round(summary.zap_mcycles, 6),
        "boot_s": round(summary.boot_s, 6),
        "faults": summary.faults,
        "refaults": summary.refaults,
        "leaves_dropped": summary.leaves_dropped,
        "contended_zaps": summary.contended_zaps,
        "zaps_by_cause": summary.zaps_by_cause,
        "stall_s": round(summary.stall_s, 6),
        "cpu": run.costs.platform,
        "changed_constants": run.costs.changes,
    }


def results_text(runs: Sequence[Run]) -> str:
    """Return a table of the runs' figures and one of their zaps per vCPU.

    ValueError without runs; all must be of one scenario.
    """
    if not runs:
        raise ValueError("a table of results needs at least one run")
    blocks = [_heading(runs[0].scenario), _figures(runs), *_per_vcpu(runs)]
    return "\n\n".join("\n".join(block) for block in blocks)


def _heading(scenario: Scenario) -> list[str]:
    """Say what was replayed."""
    vcpus = scenario.machine.vcpus
    size = format_size(scenario.machine.memory_bytes)
    return [
        one_line(f"{scenario.title} ({scenario.name})"),
        (
            f"{vcpus} {'vCPU' if vcpus == 1 else 'vCPUs'}, {size} RAM,"
            f" {scenario.duration_ns / 1e9:.3f} s without zaps"
        ),
    ]


def _figures(runs: Sequence[Run]) -> list[str]:
    label = runs[0].costs.label
    header = (
        "policy",
        "zaps",
        f"zap Mcycles ({label})",
        f"boot s ({label})",
        "faults",
        "refaults",
        "leaves dropped",
    )
    return text_table(header, [_figure_row(run) for run in runs])


def _figure_row(run: Run) -> list[str]:
    summary = run.summary
    return [
        run.policy.id,
        str(summary.zap_count),
        f"{summary.zap_mcycles:.2f}",
        f"{summary.boot_s:.2f}",
        str(summary.faults),
        str(summary.refaults),
        str(summary.leaves_dropped),
    ]


def _per_vcpu(runs: Sequence[Run]) -> list[list[str]]:
    """Return one table for every sixteen vCPUs, so that lines stay readable."""
    vcpus = runs[0].scenario.machine.vcpus
    rows = [[*run.summary.zaps_per_vcpu, _zaps_of_vm(run)] for run in runs]
    columns = [*map(str, range(vcpus))]
    if any(row[-1] for row in rows):
        columns.append("VM")
    starts = range(0, len(columns), _VCPUS_A_ROW)
    return [_vcpu_table(runs, rows, columns, slice(at, at + _VCPUS_A_ROW)) for at in starts]


def _zaps_of_vm(run: Run) -> int:
    """Return the zaps that no vCPU made: a device came or went."""
    return run.summary.zap_count - sum(run.summary.zaps_per_vcpu)


def _vcpu_table(
    runs: Sequence[Run], rows: Sequence[Sequence[int]], columns: Sequence[str], part: slice
) -> list[str]:
    header = ["zaps of vCPU", *columns[part]]
    body = [
        [run.policy.id, *map(str, row[: len(columns)][part])]
        for run, row in zip(runs, rows, strict=True)
    ]
    return text_table(header, body)
