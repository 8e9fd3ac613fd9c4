"""Playback moves the playhead by wall-clock time, ends and loops."""

from __future__ import annotations

import pytest

from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from mtrrviz.session.playing.playback import PACES, SPEEDS, Playback
from tests.session.booting import MS, SECOND, boot


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture
def playback(document: Document) -> Playback:
    return document.playback


def changes_of(document: Document) -> list[Change]:
    seen: list[Change] = []
    document.subscribe(seen.extend)
    return seen


def test_time_stands_still_while_paused(document, playback):
    playback.advance(SECOND)
    assert document.playhead_ns == 0


def test_at_speed_one_a_second_takes_a_second(document, playback):
    playback.play()
    playback.advance(700 * MS)
    assert document.playhead_ns == 700 * MS


@pytest.mark.parametrize("speed", SPEEDS)
def test_each_speed_is_that_many_seconds_per_second(document, playback, speed):
    playback.set_speed(speed)
    playback.play()
    playback.advance(10 * MS)
    assert document.playhead_ns == round(10 * MS * speed)


def test_slow_frames_do_not_lose_time_to_rounding(document, playback):
    playback.set_speed(0.1)
    playback.play()
    for _ in range(1000):
        playback.advance(15)
    assert document.playhead_ns == 1500


def test_it_stops_at_the_end(document, playback):
    playback.play()
    playback.advance(5 * SECOND)
    assert document.playhead_ns == document.duration_ns
    assert not playback.playing


def test_playing_at_the_end_starts_anew(document, playback):
    document.set_playhead(document.duration_ns)
    playback.play()
    playback.advance(MS)
    assert document.playhead_ns == MS


def test_a_loop_goes_from_b_back_to_a(document, playback):
    document.set_marker("B", 500 * MS)
    document.set_marker("A", 300 * MS)
    document.set_playhead(400 * MS)
    playback.set_looping(True)
    playback.play()
    playback.advance(150 * MS)
    assert document.playhead_ns == 350 * MS
    assert playback.playing


def test_a_step_longer_than_the_loop_stays_in_it(document, playback):
    document.set_marker("A", 300 * MS)
    document.set_marker("B", 400 * MS)
    document.set_playhead(300 * MS)
    playback.set_looping(True)
    playback.play()
    playback.advance(1050 * MS)
    assert document.playhead_ns == 350 * MS


def test_beyond_the_loop_it_plays_on_to_the_end(document, playback):
    document.set_marker("B", 400 * MS)
    playback.set_looping(True)
    playback.play()
    document.set_playhead(SECOND)
    playback.advance(100 * MS)
    assert document.playhead_ns == 1100 * MS


@pytest.mark.parametrize(
    ("markers", "span"),
    [
        ({}, (0, 2 * SECOND)),
        ({"A": 5}, (5, 2 * SECOND)),
        ({"B": 5}, (0, 5)),
        ({"A": 9, "B": 5}, (5, 9)),
        ({"A": 7, "B": 7}, (0, 2 * SECOND)),
    ],
)
def test_the_span_of_a_loop_follows_the_markers(document, playback, markers, span):
    for name, time_ns in markers.items():
        document.set_marker(name, time_ns)
    assert playback.span_ns == span


def test_faster_and_slower_step_through_the_speeds_and_end(playback):
    for _ in range(20):
        playback.faster()
    assert playback.speed == SPEEDS[-1]
    for _ in range(20):
        playback.slower()
    assert playback.speed == SPEEDS[0]


def test_changes_are_told_and_only_real_ones(document, playback):
    seen = changes_of(document)
    playback.pause()
    playback.set_speed(1)
    playback.set_looping(False)
    assert seen == []
    playback.play()
    playback.set_looping(True)
    playback.faster()
    assert seen == [Change.PLAYBACK] * 3


def test_opening_another_scenario_pauses(document, playback):
    playback.play()
    document.open(boot(), None)
    assert not playback.playing


def test_one_key_plays_and_pauses(playback):
    for is_playing in (True, False, True):
        playback.toggle()
        assert playback.playing == is_playing


def test_with_a_pace_faster_and_slower_change_the_pace(document, playback):
    playback.set_pace(PACES[1])
    playback.faster()
    assert playback.pace == PACES[2]
    for _ in PACES:
        playback.slower()
    assert playback.pace == PACES[0]
    assert playback.speed == 1
