"""Where differing real entries are drawn."""

from __future__ import annotations

import pytest

from mtrrviz.facts.trace.mismatches import mismatches_in
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_marks import marked_dots
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_checks import mismatch_pixels, mismatches_near
from mtrrviz.geometry.timeline.timeline_layout import Compared, Extras, rows
from mtrrviz.sim import simulate
from tests.facts.tables.test_mismatch_rows import TRACE
from tests.importers.helpers import imported


@pytest.fixture
def run():
    return simulate(imported(TRACE).scenario, "per-vcpu")


def dots_by_hand(layout, state):
    """Return the dots that a differing entry is in, looking at each page of each."""
    gfns = [0x100] if state.time_ns < 30_000 else []
    gfns += list(range(0x400, 0x600)) if state.time_ns >= 19_000 else []
    return sorted({dot for gfn in gfns if (dot := layout.dot_of(gfn)) is not None})


@pytest.mark.parametrize("time_ns", [0, 10_000, 20_000, 30_000])
@pytest.mark.parametrize("window", [None, (0x480, 64), (0x80000, 512)])
def test_dots_of_what_stands_and_differs(run, time_ns, window):
    view = None if window is None else Viewport(*window)
    layout = lay_out(bands_of(run.scenario.machine), view, 600, 400)
    state = run.at(time_ns)
    expected = [] if time_ns < 9_000 else dots_by_hand(layout, state)
    assert marked_dots(layout, state).tolist() == expected


def test_rows_in_a_stretch_of_pages(run):
    assert mismatches_in(run.at(20_000), (0x5FF, 0x600)).tolist() == [2]
    assert mismatches_in(run.at(20_000), (0x600, 0x700)).tolist() == []


def test_ticks_on_the_axis(run):
    axis = TimeAxis.fitted(run.scenario.duration_ns, 10, 300)
    check = trace_check(run)
    expected = axis.xs(check.observed.born_ns[check.rows]).tolist()
    assert mismatch_pixels(check, axis).tolist() == expected
    assert mismatches_near(check, axis, expected[1], 2).tolist() == [1]


def test_the_row_takes_room_only_where_there_is_something_to_show():
    plain, besides = Extras(), Extras(has_checks=True)
    without, with_row = (rows(800, 300, 8, Compared.OFF, extras=each) for each in (plain, besides))
    assert without.check_top == without.check_bottom
    assert with_row.check_bottom - with_row.check_top >= 8
    assert with_row.lane_top(with_row.lanes) <= with_row.check_top < with_row.dma_top
