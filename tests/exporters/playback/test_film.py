"""A film's frames: which moments they show, how long, and how many there may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.playback.film import MOST_FRAMES, Film

SECOND = 1_000_000_000


def test_frames_go_from_the_start_to_the_end_at_the_pace():
    film = Film(2 * SECOND, 3 * SECOND, pace=0.5, fps=4)
    assert list(film.times_ns()) == [2 * SECOND + n * SECOND // 8 for n in range(9)]
    assert (film.frames, film.seconds) == (9, 2.25)


def test_the_last_frame_shows_the_end_even_if_a_step_does_not_reach_it():
    film = Film(0, SECOND, pace=1, fps=3)
    assert list(film.times_ns()) == [0, 333_333_333, 666_666_667, SECOND]
    assert list(Film(0, 1, pace=100, fps=1).times_ns()) == [0, 1]


@given(
    st.integers(0, 10**12),
    st.integers(1, 10**12),
    st.sampled_from([0.01, 0.1, 0.5, 1, 3, 100.0]),
    st.integers(1, 49),
)
def test_times_ascend_and_are_as_many_as_told(start_ns, span_ns, pace, fps):
    if span_ns / 1e9 / pace * fps > MOST_FRAMES - 1.5:
        with pytest.raises(MtrrvizError, match="frames are too many"):
            Film(start_ns, start_ns + span_ns, pace, fps + 1)
        return
    film = Film(start_ns, start_ns + span_ns, pace, fps)
    times = list(film.times_ns())
    assert (times[0], times[-1]) == (start_ns, start_ns + span_ns)
    assert times == sorted(times)
    assert len(times) == film.frames <= MOST_FRAMES


def test_delays_keep_the_pace_of_the_whole():
    film = Film(0, 10 * SECOND, pace=1, fps=30)
    delays = list(film.delays(100))
    assert len(delays) == film.frames == 301
    assert set(delays) == {3, 4}
    assert abs(sum(delays) - film.seconds * 100) <= 0.5


@pytest.mark.parametrize(
    ("start", "end", "pace", "fps", "words"),
    [
        (5, 5, 1, 10, "the end must be later"),
        (5, 4, 1, 10, "the end must be later"),
        (0, 1, 1, 51, "expected 1 to 50"),
        (0, 1, 1, 0, "expected 1 to 50"),
        (0, 1, 0, 10, "more than 0"),
        (0, 1, float("nan"), 10, "more than 0"),
        (0, 301 * SECOND, 1, 10, "3,011 frames are too many (at most 3,000)"),
    ],
)
def test_what_is_no_film_is_refused(start, end, pace, fps, words):
    with pytest.raises(MtrrvizError) as told:
        Film(start, end, pace, fps)
    assert words in str(told.value)


def test_too_large_frames_are_refused_before_any_is_made():
    film = Film(0, 100 * SECOND, pace=1, fps=10)
    film.require_size(1920, 1080)
    with pytest.raises(MtrrvizError, match=r"1,001 frames of 4000x2000 pixels are 8\.0 billion"):
        film.require_size(4000, 2000)
