"""Runs that several tests of exporters look at, made once."""

from __future__ import annotations

from functools import cache

from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate

scenario_of = cache(open_scenario)


@cache
def run_of(scenario: str, policy: str = "per-vcpu"):
    return simulate(scenario_of(scenario), policy)


def rows_of(table):
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]
