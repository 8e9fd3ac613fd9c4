"""Which zaps contend, and with how many others, is the same wherever it is shown."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.policies import policy_ids
from mtrrviz.exporters.report.sections import zaps as report_of_zaps
from mtrrviz.exporters.results import run_result
from mtrrviz.exporters.table_files import csv_parts
from mtrrviz.exporters.trace import trace_events
from mtrrviz.facts.event_words import rivals_words
from mtrrviz.facts.figures import figures
from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_columns import LogScale, stems
from mtrrviz.scenario.library import builtin_paths, open_scenario
from mtrrviz.sim import Run, simulate
from mtrrviz.sim.alike import alike
from mtrrviz.sim.tables import ZapTable
from tests.sim.slow import Zap, rivals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.scenario.model import Scenario


def of_bursts(run: Run) -> list[int]:
    """Return the rivals of each zap as the bursts have them that are priced."""
    found = [0] * len(run.zaps)
    for burst in run.plan.bursts:
        for vcpu_requests in burst:
            for number in vcpu_requests:
                found[number] = len(burst) - 1
    return found


def of_slow_reading(run: Run) -> list[int]:
    names = ("time_ns", "vcpu", "event", "cause", "start_gfn", "end_gfn", "leaves_dropped")
    columns = (getattr(run.zaps, name).tolist() for name in names)
    zaps = [Zap(*row) for row in zip(*columns, strict=True)]
    return [rivals(run.scenario, zaps, zap) for zap in zaps]


def of_report(run: Run) -> list[int]:
    cells = re.findall(r"<td[^>]*>([^<]*)</td></tr>", str(report_of_zaps(run)))
    return [int("".join(re.findall(r"\d+", cell)) or 0) for cell in cells]


def of_trace(run: Run) -> list[int]:
    return [e["args"]["rivals"] for e in trace_events(run) if "rivals" in e.get("args", {})]


def of_csv(run: Run) -> list[object]:
    lines = csv.DictReader(io.StringIO("".join(csv_parts(ZapRows(run)))))
    return [int(line["rivals"]) for line in lines]


def marks_agree(run: Run) -> bool:
    """Return whether the timeline marks the stems of contended zaps, and no others.

    Zaps of one vCPU, column and height are one stem.
    """
    axis, scale = TimeAxis.fitted(run.scenario.duration_ns, 0, 1 << 30), LogScale(0.0, 12.0)
    parts = stems(run.zaps, axis, scale)
    marked = parts.contended
    alone = stems(_only(run.zaps, run.zaps.contended), axis, scale)
    found = set(zip(parts.x[marked].tolist(), parts.vcpu[marked].tolist(), strict=True))
    expected = set(zip(alone.x.tolist(), alone.vcpu.tolist(), strict=True))
    return found == expected and bool(marked.any()) == bool(run.zaps.contended.any())


def _only(zaps: ZapTable, rows: NDArray[np.bool_]) -> ZapTable:
    columns = {f: getattr(zaps, f)[rows] for f in zaps.__struct_fields__ if f != "ranges"}
    ranges = [spans for spans, is_kept in zip(zaps.ranges, rows, strict=True) if is_kept]
    return ZapTable(**columns, ranges=alike(ranges))


LARGEST = "ovmf-16vcpu-16g"
"""As dear as all other boots together, and like them but for the number of zaps."""

CASES = [
    (name, policy)
    for name in builtin_paths()
    for policy in policy_ids()
    if name != LARGEST or policy in {"per-vcpu", "serialized"}
]


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    return {name: open_scenario(name) for name in builtin_paths()}


@pytest.mark.parametrize(("name", "policy"), CASES)
def test_all_places_name_the_rivals_of_the_bursts_that_are_priced(
    scenarios: dict[str, Scenario], name: str, policy: str
) -> None:
    run = simulate(scenarios[name], policy)
    expected = of_bursts(run)
    assert run.zaps.rivals.tolist() == expected
    assert of_slow_reading(run) == expected
    assert of_csv(run) == expected
    assert of_trace(run) == expected
    assert of_report(run) == expected
    rows = ZapRows(run)
    texts = [rows.text(row, "rivals") for row in range(len(rows))]
    assert texts == list(map(rivals_words, expected))
    contended = sum(count > 0 for count in expected)
    assert run_result(run)["contended_zaps"] == figures(run).contended_zaps == contended
    assert marks_agree(run)


def test_some_of_these_runs_contend_and_some_do_not(scenarios: dict[str, Scenario]) -> None:
    counts = [
        figures(simulate(scenarios["seabios-8vcpu-2g"], policy)).contended_zaps
        for policy in ("per-vcpu", "cd-toggle")
    ]
    assert counts == [0, 7]
