"""What the runs of scenarios come to, as it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrrviz.importers import import_texts
from mtrrviz.scenario.library import open_scenario
from tests.exporters.told_run import told_by_runs
from tests.kept_texts import require_as_kept

DATA = Path(__file__).parents[1] / "data"
KEPT = DATA / "told_runs"
BUILT_IN = (
    *("ap-only-change", "kvm-and-manual", "lagging-ap", "range-moved", "small-machine"),
    "wb-under-cd",
)
FIELD = ("k01-uc-hole-over-wb", "k02-stolen-graphics", "k11-tom2", "k14-register-differs")


def scenario_of(name):
    if name in BUILT_IN:
        return open_scenario(name)
    path = DATA / "samples" / "field" / f"{name}.txt"
    return import_texts([(path.name, path)]).scenario


@pytest.mark.parametrize("name", [*BUILT_IN, *FIELD])
def test_runs_come_to_what_they_came_to(name):
    require_as_kept(told_by_runs(scenario_of(name)), KEPT / f"{name}.txt")
