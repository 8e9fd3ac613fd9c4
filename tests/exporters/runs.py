"""Runs that several tests of exporters look at, made once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate

if TYPE_CHECKING:
    from mtrrviz.exporters.record import Table

scenario_of = cache(open_scenario)


@cache
def run_of(scenario: str, policy: str = "per-vcpu"):
    return simulate(scenario_of(scenario), policy)


def rows_of(table: Table) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]
