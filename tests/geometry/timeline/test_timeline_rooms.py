"""Rooms of the timeline at their ends: what tracks, lanes and parts of bars get, pixel by pixel."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.geometry.timeline.timeline_faults import bar_parts
from mtrrviz.geometry.timeline.timeline_layout import (
    LANE_PX_BY_HAND,
    Compared,
    Extras,
    comfortable_height,
    rows,
)
from tests.narrow import there

LOW, HIGH = LANE_PX_BY_HAND


def by_hand(height, lanes, wanted, shows, **extras):
    return rows(800, height, lanes, shows, extras=Extras(lane_px=wanted, **extras))


@pytest.mark.parametrize("shows", Compared)
@pytest.mark.parametrize("lanes", [1, 4, 16])
@pytest.mark.parametrize("extra", ["has_faults", "has_touches", "has_checks", "has_flags"])
def test_lanes_made_by_hand_grow_until_the_stems_are_at_their_lowest(shows, lanes, extra):
    layout = by_hand(500, lanes, 40, shows, **{extra: True})
    free = [track.stems_px for track in layout.tracks]
    # each pixel more takes one for every lane and for that of devices; some are kept for gaps
    needed = lanes + 1 + (10 if shows is Compared.STACKED else 2)
    assert min(free) >= 8
    assert layout.lane_px in {LOW, HIGH} or sum(free) - 8 * len(free) < needed
    assert layout.check_bottom == layout.dma_top
    assert layout.dma_bottom <= 500 - 4


@pytest.mark.parametrize(
    ("wanted", "lane_px"), [(0, 2), (1, 2), (2, 2), (3, 3), (40, 40), (41, 40)]
)
def test_lanes_are_made_within_their_range(wanted, lane_px):
    assert by_hand(900, 4, wanted, Compared.OFF).lane_px == lane_px


@pytest.mark.parametrize(
    ("height", "shows", "expected"),
    [
        (100, Compared.OFF, [12, 4, 2]),
        (120, Compared.OFF, [22, 8, 2]),
        (200, Compared.OFF, [40, 24, 7]),
        (300, Compared.OFF, [40, 40, 14]),
        (500, Compared.OFF, [40, 40, 26]),
        (100, Compared.STACKED, [2, 2, 2]),
        (200, Compared.STACKED, [40, 16, 5]),
        (300, Compared.STACKED, [40, 36, 11]),
        (500, Compared.STACKED, [40, 40, 23]),
    ],
)
def test_as_high_as_there_is_room(height, shows, expected):
    assert [by_hand(height, lanes, 40, shows).lane_px for lanes in (1, 4, 15)] == expected


@pytest.mark.parametrize("height", [90, 140, 219, 220, 300, 700])
@pytest.mark.parametrize("shows", Compared)
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_rows_lie_below_each_other_without_holes(height, shows, scale):
    extras = Extras(True, True, True, True, own_px={1: 5}, text_scale=scale)
    height = max(height, comfortable_height(3, shows, extras))
    layout = rows(800, height, 3, shows, 0.25, extras)
    faults, touches, flags = there(layout.faults), there(layout.touches), there(layout.flags)
    is_high = height >= 220 * scale
    assert layout.ruler_bottom == round(20 * scale)
    assert layout.phases_top - layout.ruler_bottom == 2
    assert layout.phases_bottom - layout.phases_top == round(20 * scale)
    assert flags == (layout.phases_bottom, layout.tracks[0].top)
    assert flags[1] - flags[0] == round(15 * scale)
    assert faults[1] - faults[0] == round((9, 14)[is_high] * scale)
    assert touches[1] - touches[0] == round((5, 10)[is_high] * scale)
    assert touches[0] - faults[1] == (4 if is_high else 0)
    assert layout.lanes_top - touches[1] == 4
    assert layout.check_top - layout.lane_tops[-1] == 2
    assert layout.dma_top - layout.check_top == 10
    assert layout.height - layout.dma_bottom == 4
    assert [layout.lane_height(lane) for lane in range(3)].count(5) >= 1
    for lane in range(3):
        assert layout.lane_at(layout.lane_top(lane)) == lane
        assert layout.lane_at(layout.lane_top(lane + 1) - 1) == lane
    assert layout.lane_at(layout.lane_top(3)) is None
    assert layout.lane_at(layout.lanes_top - 1) is None
    assert (layout.left_px, layout.right_px) == (round(72 * scale), round(46 * scale))
    assert layout.plot_right == 800 - layout.right_px
    for track in layout.tracks:
        assert track.stems_top - track.top == round(14 * scale)
        assert (track.y(0), track.y(1)) == (track.baseline, track.stems_top)
    if shows is Compared.STACKED:
        top, bottom = there(layout.differences)
        first, second = layout.tracks
        assert (top - first.bottom, bottom - top, second.top) == (4, 9, bottom)
        assert second.bottom - second.top == first.bottom - first.top
        inside = [y for y in range(top - 1, bottom + 2) if layout.is_among_differences(y)]
        assert inside == list(range(top, bottom))
    else:
        (track,) = layout.tracks
        share = 0.25 if shows is Compared.BELOW else 0
        whole = track.bottom - track.stems_top
        assert track.baseline == round(track.bottom - whole * share)
        assert faults[0] - track.bottom == 4
        assert not layout.is_among_differences(track.bottom)


@given(
    st.lists(st.lists(st.integers(0, 400), min_size=3, max_size=3), min_size=1, max_size=9),
    st.integers(1, 30),
)
def test_parts_of_a_bar_are_shared_by_count_after_a_pixel_for_each(columns, room_px):
    counts = np.array(columns, np.int64).T
    most = max(1, *(sum(column) for column in columns))
    for column, parts in zip(columns, bar_parts(counts, room_px).T.tolist(), strict=True):
        total, kinds = sum(column), sum(count > 0 for count in column)
        share = 0.35 + 0.65 * log1p(total) / log1p(most)
        shared = max(round(room_px * share) - kinds, 0) if total else 0
        ends = [(sum(column[: n + 1]) * shared + total // 2) // max(total, 1) for n in range(3)]
        starts = [0, *ends[:2]]
        expected = [e - s + (c > 0) for s, e, c in zip(starts, ends, column, strict=True)]
        assert parts == expected
        assert sum(parts) == shared + kinds
