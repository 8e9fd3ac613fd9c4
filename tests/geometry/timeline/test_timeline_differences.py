"""The lane that shows when two EPTs differ: one kind of difference a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.analysis.comparing.compare import compare
from mtrrviz.facts.differences import DIFFERENT, DifferenceKind
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_differences import difference_columns
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate

NEVER = np.zeros((5, 0), np.int64)


def columns(times, pages, duration=100, width=10):
    """Return the kinds; ``pages`` holds a row (equal, only a, only b, type, ipat) for each time."""
    table = np.array(pages, np.int64).reshape(-1, 5).T
    axis = TimeAxis.fitted(duration, 80, width)
    return difference_columns(np.array(times, np.int64), table, axis).tolist()


def test_nothing_differs_before_the_first_time_and_after_the_last():
    assert columns([], []) == [0] * 10
    found = columns([30, 60], [(9, 4, 0, 0, 0), (9, 0, 0, 0, 0)])
    assert found == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0]


def test_a_nanosecond_fills_its_pixel():
    found = columns([55, 56], [(0, 0, 0, 1, 0), (0, 0, 0, 0, 0)], duration=1000)
    assert found == [DifferenceKind.TYPE, *[0] * 9]


def test_the_kind_of_most_pages_counts_and_equal_pages_do_not():
    assert columns([10], [(99, 1, 5, 2, 0)])[3] == DifferenceKind.ONLY_B


@pytest.mark.parametrize("zoom", [1, 7])
def test_every_pixel_tells_what_a_look_at_each_time_tells(zoom):
    scenario = open_scenario("small-machine")
    history = compare(simulate(scenario, "per-vcpu"), simulate(scenario, "per-vm")).history
    axis = TimeAxis.fitted(scenario.duration_ns, 80, 90).zoomed(110, zoom)
    found = difference_columns(history.times_ns, history.pages, axis)
    step = axis.span_ns / axis.width
    for pixel in range(axis.width):
        first, last = (int(axis.start_ns + (pixel + n) * step) for n in (0, 1))
        within = history.times_ns[(history.times_ns > first) & (history.times_ns <= last)]
        looks = [history.pages_at(int(time)) for time in (first, *within)]
        most = {kind: max(look[kind] for look in looks) for kind in DIFFERENT}
        best = max(most.values())
        assert (found[pixel] == 0) == (best == 0)
        assert not best or most[DifferenceKind(int(found[pixel]))] == best
