"""Zaps as columns of pixels: none is lost, panning changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_columns import (
    COLUMN_PX,
    LogScale,
    clusters,
    count_steps,
    stems,
    visible,
)
from mtrrviz.sim.alike import alike
from mtrrviz.sim.tables import ZapTable

END = (1 << 52) - 1
AXIS = TimeAxis.fitted(1000, 50, 400)
SCALE = LogScale(5.0, 9.0)


def zap_table(*rows):
    """Rows are (time_ns, vCPU, cycles, rivals, end_gfn)."""
    time_ns, vcpu, cycles, rivals, end = zip(*sorted(rows), strict=True) if rows else [()] * 5
    count = len(rows)
    return ZapTable(
        time_ns=np.array(time_ns, np.int64),
        vcpu=np.array(vcpu, np.int16),
        event=np.zeros(count, np.int32),
        cause=np.zeros(count, np.uint8),
        start_gfn=np.zeros(count, np.uint64),
        end_gfn=np.array(end, np.uint64),
        leaves_dropped=np.zeros(count, np.int32),
        rivals=np.array(rivals, np.int16),
        cycles=np.array(cycles, np.float64),
        ranges=alike(((0, end_gfn),) for end_gfn in end),
    )


zap_rows = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.integers(-1, 5),
        st.sampled_from([1e6, 3e6, 1e8]),
        st.integers(0, 2),
        st.sampled_from([128, END]),
    ),
    max_size=40,
)


@given(zap_rows)
def test_every_zap_is_in_a_part_of_its_column_and_height(rows):
    zaps = zap_table(*rows)
    parts = stems(zaps, AXIS, SCALE)
    assert parts.count.sum() == len(rows)
    expected = {(int(AXIS.x(t) - 50) // COLUMN_PX * COLUMN_PX + 50, vcpu) for t, vcpu, *_ in rows}
    assert set(zip(parts.x.tolist(), parts.vcpu.tolist(), strict=True)) == expected


@given(zap_rows)
def test_the_parts_of_a_column_stand_on_each_other_without_gaps(rows):
    parts = stems(zap_table(*rows), AXIS, SCALE)
    for x in np.unique(parts.x):
        column = parts.x == x
        low, high = parts.low[column], parts.high[column]
        assert low[0] == 0
        assert low[1:] == pytest.approx(high[:-1])
        assert (high > low).all()


@given(zap_rows)
def test_a_column_is_as_high_as_its_dearest_zap(rows):
    zaps = zap_table(*rows)
    parts = stems(zaps, AXIS, SCALE)
    pixels = (AXIS.xs(zaps.time_ns) - 50) // COLUMN_PX * COLUMN_PX + 50
    for x in np.unique(pixels):
        most_expensive = SCALE.share(zaps.cycles[pixels == x].max())
        assert parts.high[parts.x == x].max() == pytest.approx(float(most_expensive))


def test_vcpus_of_one_height_share_it():
    parts = stems(zap_table((5, 0, 1e7, 0, END), (5, 3, 1e7, 2, END)), AXIS, SCALE)
    assert parts.low.tolist() == [0.0, 0.25]
    assert parts.high.tolist() == [0.25, 0.5]
    assert parts.contended.tolist() == [False, True]
    assert parts.is_top.tolist() == [False, True]


def test_what_lies_beside_the_axis_is_left_out():
    axis = TimeAxis.fitted(100_000, 50, 400).zoomed(50, 10)
    parts = stems(zap_table((1000, 0, 1e6, 0, END), (90_000, 0, 1e6, 0, END)), axis, SCALE)
    assert len(parts) == 1
    assert visible(np.array([1000, 90_000], np.int64), axis) == slice(0, 1)


@given(zap_rows.filter(bool), st.integers(1, 90))
def test_panning_moves_the_columns_and_changes_nothing_else(rows, pixels):
    axis = TimeAxis.fitted(10_000, 50, 400).zoomed(50, 5)
    before, after = (stems(zap_table(*rows), a, SCALE) for a in (axis, axis.panned(pixels)))
    moved = before.x - pixels
    seen = (moved > 60) & (moved < 400)
    assert set(moved[seen].tolist()) <= set(after.x.tolist())


def test_zaps_of_a_range_are_told_from_those_of_all_memory():
    zaps = zap_table((1, 0, 1e6, 0, 128), (2, 0, 1e6, 0, END), (3, 0, 1e6, 0, 1 << 60))
    assert zaps.partial.tolist() == [True, False, False]


def test_stems_close_together_are_one_cluster():
    zaps = zap_table(*((t, 0, 1e6, 0, END) for t in (0, 5, 10, 500)))
    groups = clusters(stems(zaps, AXIS, SCALE))
    assert [group.count for group in groups] == [3, 1]
    assert groups[0].left == 50
    assert groups[0].right <= groups[1].left
    assert clusters(stems(zap_table(), AXIS, SCALE)) == []


@given(zap_rows)
def test_the_running_count_ends_with_all_zaps(rows):
    zaps = zap_table(*rows)
    x, counts = count_steps(zaps.time_ns, AXIS)
    assert (x[0], x[-1]) == (AXIS.left, AXIS.right)
    assert counts[-1] == len(rows)
    assert (np.diff(counts) >= 0).all()


@given(zap_rows)
def test_the_running_count_at_each_pixel_is_that_of_the_time_at_its_left(rows):
    zaps = zap_table(*rows)
    x, counts = count_steps(zaps.time_ns, AXIS)
    assert (np.diff(x) >= 0).all()
    for pixel in range(AXIS.width + 1):
        time_ns = AXIS.start_ns + pixel * AXIS.span_ns / AXIS.width
        shown = counts[np.searchsorted(x, AXIS.left + pixel, "right") - 1]
        assert shown == np.count_nonzero(zaps.time_ns <= time_ns)


def test_the_scale_holds_the_cheapest_and_the_dearest():
    scale = LogScale.around(np.array([1.17e6, 8.2e7]), np.array([]))
    assert 0.2 < float(scale.share(1.17e6)) < float(scale.share(8.2e7)) < 1
    assert [text for _, text in scale.ticks()] == ["100 k", "1 M", "10 M", "100 M"]
    assert LogScale.around(np.array([])) == LogScale(5.0, 9.0)


@pytest.mark.parametrize(
    ("low", "high", "shares"),
    [(5.0, 9.0, [0, 0.25, 0.5, 0.75, 1]), (5.5, 7.5, [0.25, 0.75]), (2.0, 2.5, [0])],
)
def test_ticks_are_the_powers_of_ten_from_end_to_end(low, high, shares):
    assert [share for share, _ in LogScale(low, high).ticks()] == shares
