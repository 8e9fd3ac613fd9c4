"""Where things lie on map and timeline, as it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrrviz.scenario.library import open_scenario
from tests.geometry.told_geometry import told_by
from tests.kept_texts import require_as_kept

KEPT = Path(__file__).parents[1] / "data" / "told_geometry"


@pytest.mark.parametrize("name", ["small-machine", "kvm-and-manual", "range-moved"])
def test_things_lie_where_they_lay(name):
    require_as_kept(told_by(open_scenario(name)), KEPT / f"{name}.txt")
