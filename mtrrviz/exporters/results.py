"""The figures of runs: a table for readers, one JSON object a run for programs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from mtrrviz.core.units import format_size
from mtrrviz.exporters.text_tables import one_line, text_table
from mtrrviz.facts.figures import figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run

_VCPUS_A_ROW = 16


def run_result(run: Run) -> dict[str, Any]:
    """Return a run's figures as JSON values; `mtrrviz run --help` says what each key means.

    Other programs rely on the keys and on their order: new ones go to the end.
    """
    summary, machine = figures(run), run.scenario.machine
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
        **({"srcu_leaks": figures(run).srcu_leaks} if run.policy.leaks_srcu else {}),
    }


def results_text(runs: Sequence[Run]) -> str:
    """Return a table of the runs' figures and one of their zaps per vCPU.

    ValueError without runs; all must be of one scenario.
    """
    if not runs:
        raise ValueError("a table of results needs at least one run")
    if runs[0].scenario.machine.is_host:
        # Only now: the rules of real machines are of no use to guests, which most runs are of.
        from mtrrviz.exporters.host_results import host_blocks  # noqa: PLC0415

        return "\n\n".join("\n".join(block) for block in host_blocks(runs[0]))
    blocks = [_heading(runs[0].scenario), _figures(runs), *_leaks(runs), *_per_vcpu(runs)]
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
    summary = figures(run)
    return [
        run.policy.id,
        str(summary.zap_count),
        f"{summary.zap_mcycles:.2f}",
        f"{summary.boot_s:.2f}",
        str(summary.faults),
        str(summary.refaults),
        str(summary.leaves_dropped),
    ]


def _leaks(runs: Sequence[Run]) -> list[list[str]]:
    """Return a line for each run whose policy leaves SRCU read locks held."""
    leaking = [run for run in runs if run.policy.leaks_srcu]
    lines = [
        f"{run.policy.id}: SRCU read locks left held: {figures(run).srcu_leaks}" for run in leaking
    ]
    return [lines] if lines else []


def _per_vcpu(runs: Sequence[Run]) -> list[list[str]]:
    """Return tables of at most sixteen columns, so that lines stay readable.

    Of more vCPUs those that follow each other with equal counts share a column.
    """
    counts = list(zip(*(figures(run).zaps_per_vcpu for run in runs), strict=True))
    alike = _alike(counts) if len(counts) > _VCPUS_A_ROW else [(n, n) for n in range(len(counts))]
    columns = [_column(first, last, counts[first]) for first, last in alike]
    of_vm = [_zaps_of_vm(run) for run in runs]
    if any(of_vm):
        columns.append(("VM", *map(str, of_vm)))
    starts = range(0, len(columns), _VCPUS_A_ROW)
    return [_vcpu_table(runs, columns[at : at + _VCPUS_A_ROW]) for at in starts]


def _alike(counts: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    """Return the first and the last vCPU of each stretch with equal counts under every policy."""
    stretches: list[tuple[int, int]] = []
    for _, members in groupby(range(len(counts)), key=lambda vcpu: counts[vcpu]):
        vcpus = list(members)
        stretches.append((vcpus[0], vcpus[-1]))
    return stretches


def _column(first: int, last: int, counts: tuple[int, ...]) -> tuple[str, ...]:
    """Return the heading and the counts of one vCPU, or of each of several."""
    if first == last:
        return (str(first), *map(str, counts))
    return (f"{first}-{last}", *(f"{count} each" if count else "0" for count in counts))


def _zaps_of_vm(run: Run) -> int:
    """Return the zaps that no vCPU made: a device came or went."""
    return figures(run).zap_count - sum(figures(run).zaps_per_vcpu)


def _vcpu_table(runs: Sequence[Run], columns: Sequence[tuple[str, ...]]) -> list[str]:
    headings, *counts = zip(*columns, strict=True)
    body = [[run.policy.id, *row] for run, row in zip(runs, counts, strict=True)]
    return text_table(["zaps of vCPU", *headings], body)
