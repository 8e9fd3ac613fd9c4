"""What was measured and published for the boots that were run, to set beside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.published import PublishedRow, published_for
from mtrrviz.exporters.text_tables import text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.sim.run import Run

_HEADER = ("policy", "published as", "zaps", "zap Mcycles", "boot s")


def published_text(runs: Sequence[Run]) -> str | None:
    """Return a table of the published measurements of these runs, None if there are none."""
    rows = [
        [run.policy.id, *_cells(row)]
        for run in runs
        for row in published_for(run.scenario, run.policy.id)
    ]
    if not rows:
        return None
    return "\n".join(["measured and published:", *text_table(_HEADER, rows, left_columns=2)])


def _cells(row: PublishedRow) -> list[str]:
    """Return a measurement as cells, the boot time blank where none was given."""
    boot = "" if row.boot_s is None else f"{row.boot_s:.2f}"
    return [f"{row.series} {row.variant}", str(row.zap_count), f"{row.zap_mcycles:.2f}", boot]


def published_json(run: Run) -> list[dict[str, Any]]:
    """Return the published measurements of a run as JSON values, the newest first."""
    return [
        {
            "series": row.series,
            "variant": row.variant,
            "zap_count": row.zap_count,
            "zap_mcycles": row.zap_mcycles,
            "boot_s": row.boot_s,
        }
        for row in published_for(run.scenario, run.policy.id)
    ]
