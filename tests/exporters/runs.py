"""Runs that several tests of exporters look at, made once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate

if TYPE_CHECKING:
    from mtrrviz.facts.tables.fact_rows import FactRows

scenario_of = cache(open_scenario)


@cache
def run_of(scenario: str, policy: str = "per-vcpu"):
    return simulate(scenario_of(scenario), policy)


def rows_of(rows: FactRows) -> list[dict[str, Any]]:
    """Return the values of all rows by the keys of their columns."""
    keys = [column.key for column in rows.columns]
    cells = (line for block in rows.blocks() for line in zip(*block, strict=True))
    return [dict(zip(keys, line, strict=True)) for line in cells]
