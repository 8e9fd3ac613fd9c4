"""The lane of faults: every fault in its pixel column and type, and no type too rare to be seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.memtype import MemoryType
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_faults import FaultTimes, bar_parts
from mtrrviz.geometry.timeline.timeline_image import Ink, TimelineImage
from mtrrviz.geometry.timeline.timeline_layout import (
    Compared,
    Extras,
    comfortable_height,
    rows,
)
from tests.narrow import there
from tests.sim.made import leaf_table

UC, WB = MemoryType.UC, MemoryType.WB
AXIS = TimeAxis.fitted(1000, 80, 400)


def leaves(*made):
    """A table of leaves, each (born_ns, memory type)."""
    born, kinds = zip(*sorted(made), strict=True) if made else ((), ())
    return leaf_table(range(len(born)), bits=[kind << 3 for kind in kinds], born_ns=born)


faults = st.lists(st.tuples(st.integers(0, 1000), st.sampled_from([UC, WB])), max_size=60)


@given(faults, st.integers(80, 480), st.integers(0, 6))
def test_each_fault_on_the_axis_is_counted_once_in_its_column_and_type(made, pivot, zooms):
    axis = AXIS.zoomed(pivot, 2.0**zooms)
    times = FaultTimes(leaves(*made))
    counts = times.counts(axis)
    expected = np.zeros_like(counts)
    edges = axis.start_ns + np.arange(axis.width + 2) * (axis.span_ns / axis.width)
    for born_ns, kind in made:
        # of the bounds of columns as floats, the one at or before the time
        column = int(np.searchsorted(edges, born_ns, "right")) - 1
        if 0 <= column <= axis.width:
            expected[times.kinds.index(kind), column] += 1
    assert counts.tolist() == expected.tolist()
    assert len(times) == len(made)


def test_the_column_is_that_of_the_time():
    times = FaultTimes(leaves((500, WB), (501, WB), (502, UC), (1000, UC)))
    by_kind = dict(zip(times.kinds, times.counts(AXIS), strict=True))
    assert {kind: np.flatnonzero(row).tolist() for kind, row in by_kind.items()} == {
        WB: [200],
        UC: [200, 400],
    }
    assert by_kind[WB][200] == 2


@given(st.lists(st.lists(st.integers(0, 5000), min_size=2, max_size=2), min_size=1, max_size=20))
def test_a_bar_fits_and_shows_every_type_that_is_there(columns):
    counts = np.array(columns, np.int64).T
    parts = bar_parts(counts, 12)
    assert ((parts > 0) == (counts > 0)).all()
    heights, totals = parts.sum(axis=0), counts.sum(axis=0)
    assert heights.max() <= 12
    if totals.max():
        assert heights[totals.argmax()] == 12
    assert (heights[totals > 0] >= 4).all()
    lowest_first = heights[np.argsort(totals)]
    # a column of two types needs two pixels, however few they are
    assert (np.maximum.accumulate(lowest_first) - lowest_first).max() <= 1


def test_the_faults_near_a_pixel_are_rows_of_the_leaves():
    table = leaves((100, WB), (500, UC), (501, WB), (900, WB))
    near = FaultTimes(table).near(AXIS, AXIS.x(500), 2)
    assert table.born_ns[near].tolist() == [500, 501]
    assert FaultTimes(table).near(AXIS, AXIS.x(700), 2) == slice(3, 3)


def drawn_faults(*made):
    layout = rows(800, 240, 3, Compared.OFF, extras=Extras(has_faults=True))
    drawn = TimelineImage.blank(AXIS, layout, 8)
    drawn.draw_faults(FaultTimes(leaves(*made)))
    return drawn, there(layout.faults)


def test_a_single_fault_is_a_tick_in_the_ink_of_its_type():
    drawn, (top, bottom) = drawn_faults((500, UC))
    x = 80 + 200
    assert set(drawn.image[top + 2 : bottom, x : x + 2].flat) == {Ink.FIRST_TYPE + UC}
    assert np.count_nonzero(drawn.image) == 2 * (bottom - top - 2)


def test_one_uc_leaf_among_a_thousand_is_seen():
    drawn, (top, bottom) = drawn_faults(*[(500, WB)] * 1000, (500, UC))
    column = drawn.image[top:bottom, 280].tolist()
    assert column.count(Ink.FIRST_TYPE + UC) == 1
    assert column.count(Ink.FIRST_TYPE + WB) == bottom - top - 3


def test_no_fault_draws_nothing():
    drawn, _ = drawn_faults()
    assert not drawn.image.any()


@pytest.mark.parametrize("height", [150, 240, 600])
@pytest.mark.parametrize("shows", Compared)
@pytest.mark.parametrize("lane_px", [None, 2, 14, 40])
def test_rows_with_flags_and_faults_follow_each_other(height, shows, lane_px):
    extras = Extras(has_faults=True, has_flags=True, has_touches=True, lane_px=lane_px)
    height = max(height, comfortable_height(4, shows, extras))
    layout = rows(800, height, 4, shows, 0.3, extras)
    edges = [layout.phases_bottom, *there(layout.flags), layout.tracks[0].top]
    edges += [layout.tracks[-1].bottom, *there(layout.faults), *there(layout.touches)]
    edges += [layout.lanes_top, layout.dma_top]
    assert edges == sorted(edges)
    assert layout.dma_bottom <= height


def test_lanes_are_as_high_as_the_user_made_them_while_stems_keep_some_room():
    def lane_px(height, wanted):
        return rows(800, height, 4, Compared.OFF, extras=Extras(lane_px=wanted)).lane_px

    assert lane_px(600, 30) == 30
    assert lane_px(600, 3) == 3
    assert lane_px(150, 30) < 30
