"""Times and pixels: zooming and panning stay within the scenario and come back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.geometry.timeline.time_axis import MIN_SPAN_NS, TimeAxis, _tick_text

DURATION = 20_000_000_000
AXIS = TimeAxis.fitted(DURATION, 100, 1000)

moves = st.lists(
    st.one_of(
        st.tuples(st.just("zoomed"), st.floats(100, 1100), st.floats(0.01, 100)),
        st.tuples(st.just("panned"), st.floats(-3000, 3000)),
    ),
    max_size=12,
)


def moved(steps):
    axis = AXIS
    for name, *arguments in steps:
        axis = getattr(axis, name)(*arguments)
    return axis


def test_the_whole_scenario_fits_the_width():
    assert (AXIS.x(0), AXIS.x(DURATION)) == (100, 1100)
    assert AXIS.span_ns == DURATION


@given(moves)
def test_no_move_leaves_the_scenario(steps):
    axis = moved(steps)
    assert 0 <= axis.start_ns < axis.end_ns <= DURATION * (1 + 1e-12)
    assert axis.span_ns >= MIN_SPAN_NS * (1 - 1e-3)


@given(moves, st.integers(100, 1100))
def test_a_pixel_and_its_time_agree(steps, x):
    axis = moved(steps)
    assert axis.x(axis.time_ns(x)) == pytest.approx(x, abs=1 + axis.width / axis.span_ns)


@given(st.integers(150, 1050), st.floats(1, 50))
def test_zooming_keeps_the_time_under_the_pointer(x, factor):
    zoomed = AXIS.zoomed(x, factor)
    assert zoomed.x(AXIS.time_ns(x)) == pytest.approx(x, abs=0.01)
    assert zoomed.span_ns == pytest.approx(AXIS.span_ns / factor)


def test_zooming_in_and_out_comes_back():
    axis = AXIS.zoomed(600, 8)
    again = axis.zoomed(321, 5).zoomed(321, 1 / 5)
    assert again.start_ns == pytest.approx(axis.start_ns)


def test_panning_moves_the_content_and_stops_at_the_ends():
    axis = AXIS.zoomed(600, 4)
    assert axis.panned(100).x(axis.time_ns(600)) == pytest.approx(500)
    assert axis.panned(-1e6).start_ns == 0
    assert axis.panned(1e6).end_ns == DURATION


def test_the_axis_follows_a_time_only_when_it_leaves():
    axis = AXIS.zoomed(100, 10)
    assert axis.showing(axis.end_ns) is axis
    followed = axis.showing(DURATION / 2)
    assert followed.x(DURATION / 2) == pytest.approx(600)


def test_a_stretch_is_shown_with_its_surroundings():
    axis = AXIS.spanning(6e9, 4e9)
    assert axis.start_ns == pytest.approx(3.9e9)
    assert axis.end_ns == pytest.approx(6.1e9)


def test_many_pixels_at_once_are_the_same_as_one_by_one():
    times = np.array([0, 1, DURATION // 3, DURATION], np.int64)
    assert AXIS.xs(times).tolist() == [int(AXIS.x(int(time_ns))) for time_ns in times]


def test_times_far_away_do_not_overflow():
    axis = AXIS.zoomed(100, 1e9)
    assert axis.xs(np.array([DURATION], np.int64))[0] == 1 << 20
    late = AXIS.zoomed(1100, 1e9)
    assert late.xs(np.array([0], np.int64))[0] == -(1 << 20)


@given(moves)
def test_named_ticks_keep_their_distance_and_all_lie_on_the_axis(steps):
    axis = moved(steps)
    ticks = axis.ticks(90)
    named = [axis.x(tick.time_ns) for tick in ticks if tick.text]
    assert len(named) >= 3  # a step is at most two and a half times as long as need be
    assert all(axis.start_ns <= tick.time_ns <= axis.end_ns for tick in ticks)
    assert all(b - a > 89.9 for a, b in pairwise(named))
    assert len({tick.text for tick in ticks if tick.text}) == len(named)


@pytest.mark.parametrize(
    ("zoom", "texts"),
    [
        (1, ["0 s", "2 s", "4 s"]),
        (1000, ["0 s", "2 ms", "4 ms"]),
        (1e6, ["0 s", "2 us", "4 us"]),
    ],
)
def test_ticks_have_round_times(zoom, texts):
    named = [tick.text for tick in AXIS.zoomed(100, zoom).ticks() if tick.text]
    assert named[:3] == texts


@given(st.lists(st.integers(0, DURATION)).map(sorted), st.integers(1, 400))
def test_the_first_rows_of_pixels_are_those_found_one_by_one(times, width):
    axis, rows = TimeAxis.fitted(DURATION, 50, width), np.array(times, np.int64)
    first, starts = axis.first_rows(rows)
    pixels = axis.xs(rows).tolist()
    assert len(starts) == (pixels[-1] - pixels[0] + 2 if pixels else 1)
    for pixel, (start, end) in enumerate(pairwise(starts.tolist()), first):
        assert pixels[start:end] == [x for x in pixels if x == pixel]


def test_what_lies_around_a_pixel_reaches_to_whole_nanoseconds_outside():
    axis = TimeAxis(1000, 0, 100, 0, 300)  # a third of a nanosecond a pixel
    assert axis.around(10, 2) == (2, 4)
    assert axis.around(12, 3) == (3, 5)


@pytest.mark.parametrize(
    ("time_ns", "step_ns", "text"),
    [
        (0, 1, "0 s"),
        (1_000_000_001, 1, "1.000000001 s"),
        (1_000_000_010, 10, "1.00000001 s"),
        (2_500_000_000, 500_000_000, "2.5 s"),
        (3_000_000_000, 1_000_000_000, "3 s"),
    ],
)
def test_a_tick_has_as_many_decimals_as_tell_it_from_the_next(time_ns, step_ns, text):
    assert _tick_text(time_ns, step_ns) == text
