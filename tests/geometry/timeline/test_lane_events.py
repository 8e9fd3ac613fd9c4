"""Events as columns are the same whatever older scenario's columns they are taken over from."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.geometry.timeline.timeline_events import LaneEvents
from tests.session.booting import EVENTS, boot, wrmsr

SCENARIOS = {
    "as it is": boot(),
    "other machine": boot(vcpus=200),
    "another of as many": replace(boot(), machine=replace(boot().machine, has_mtrr=False)),
    "first gone": replace(boot(), events=EVENTS[1:]),
    "last gone": replace(boot(), events=EVENTS[:-1]),
    "none": replace(boot(), events=()),
    "one between": replace(boot(), events=(*EVENTS[:4], wrmsr(301, 2, 0x2FF, 0x804), *EVENTS[4:])),
    "one twice": replace(boot(), events=(*EVENTS[:4], EVENTS[3], *EVENTS[4:])),
    "two gone": replace(boot(), events=(*EVENTS[:2], *EVENTS[4:])),
}


@pytest.mark.parametrize(("old", "new"), [*itertools.permutations(SCENARIOS, 2)])
def test_columns_that_are_taken_over_are_those_made_afresh(old, new):
    before, scenario = LaneEvents(SCENARIOS[old]), SCENARIOS[new]
    if new not in {"other machine", "another of as many"} and old in {"as it is", "none"}:
        scenario = replace(scenario, machine=SCENARIOS[old].machine)
    found, fresh = LaneEvents(scenario, before), LaneEvents(scenario)
    for name in ("time_ns", "lane", "mark"):
        assert np.array_equal(getattr(found, name), getattr(fresh, name)), name
    assert (found.lanes, found.vcpus_per_lane) == (fresh.lanes, fresh.vcpus_per_lane)
    assert found.scenario is scenario
