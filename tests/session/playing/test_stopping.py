"""Playing stops where the scenario's conditions are fulfilled; running back finds them too."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.analysis.stops import stop_times
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from mtrrviz.session.edits import change_stops
from mtrrviz.session.playing.stopping import Stopping
from tests.session.booting import DEFTYPE, MS, SECOND, boot
from tests.session.slow_executor import SlowExecutor

DEFTYPE_OF_0 = StopCondition(StopKind.WRITE, vcpu=0, register=DEFTYPE)
PHASE = StopCondition(StopKind.PHASE, phase="firmware")


def stopping_at(*stops, executor=None):
    scenario = replace(boot(), stops=stops)
    return Document(scenario) if executor is None else Document(scenario, executor=executor)


@pytest.fixture
def document():
    return stopping_at(DEFTYPE_OF_0, PHASE)


def stopped_by(document):
    stop = document.playback.stopped_by
    return stop and stop.conditions


def played(document, seconds=1.0, step=16 * MS):
    """Play, and return where it stopped by itself."""
    document.playback.play()
    for _ in range(round(seconds * SECOND / step)):
        document.playback.advance(step)
        if not document.playback.playing:
            break
    return document.playhead_ns


def test_it_stops_exactly_at_each_in_turn_and_says_what_stopped_it(document):
    assert played(document) == 100 * MS
    assert stopped_by(document) == (DEFTYPE_OF_0,)
    assert played(document) == 150 * MS
    assert stopped_by(document) == (PHASE,)
    assert played(document) == 200 * MS
    assert played(document, 3) == 1200 * MS
    assert played(document, 3) == document.duration_ns
    assert document.playback.stopped_by is None


def test_one_long_frame_does_not_jump_over_a_stop(document):
    assert played(document, 1, step=SECOND) == 100 * MS


def test_a_condition_that_is_off_stops_nothing(document):
    off = replace(DEFTYPE_OF_0, is_on=False)
    document.apply(change_stops(document.scenario, "Set a stop", (off, PHASE)))
    assert played(document) == 150 * MS
    assert [len(times) for times in document.stopping.times_ns or ()] == [3, 1]


def test_several_conditions_of_one_time_are_all_named():
    anything = StopCondition(StopKind.WRITE)
    document = stopping_at(DEFTYPE_OF_0, anything)
    assert played(document) == 100 * MS
    assert stopped_by(document) == (DEFTYPE_OF_0, anything)


def test_running_to_the_next_and_back_to_the_previous(document):
    document.set_playhead(160 * MS)
    assert document.playback.run_to_stop().time_ns == 200 * MS
    assert document.playback.run_back_to_stop().time_ns == 150 * MS
    assert document.playback.run_back_to_stop().time_ns == 100 * MS
    assert document.playback.run_back_to_stop() is None
    assert document.playhead_ns == 100 * MS
    document.set_playhead(document.duration_ns)
    assert document.playback.run_to_stop() is None
    assert document.playhead_ns == document.duration_ns


def test_a_loop_stops_too_but_not_for_what_lies_outside():
    document = stopping_at(DEFTYPE_OF_0)
    document.set_marker("A", 210 * MS)
    document.set_marker("B", 400 * MS)
    document.playback.set_looping(True)
    document.set_playhead(390 * MS)
    played(document, 3, step=700 * MS)
    assert document.playback.playing
    assert 210 * MS <= document.playhead_ns <= 400 * MS


def test_nothing_moves_until_it_is_known_where_to_stop():
    executor = SlowExecutor()
    document = stopping_at(StopCondition(StopKind.ZAP), executor=executor)
    assert not document.stopping.is_known
    assert played(document, 0.1) == 0
    executor.finish_all()
    assert document.stopping.is_known
    assert played(document) == 100 * MS


def test_long_runs_are_looked_through_aside_and_told_of(monkeypatch):
    monkeypatch.setattr("mtrrviz.session.playing.stopping._AT_ONCE", 0)
    document = stopping_at(PHASE)
    executor = SlowExecutor()
    stopping = Stopping(document, executor)
    seen = []
    document.subscribe(seen.extend)
    assert stopping.times_ns is None
    assert not stopping.is_known
    executor.finish_all()
    assert seen == [Change.STOPS]
    assert [times.tolist() for times in stopping.times_ns or ()] == [[150 * MS]]


def test_counts_follow_edits_and_policy(document):
    zaps = StopCondition(StopKind.ZAP)
    document.apply(change_stops(document.scenario, "Set a stop", (zaps,)))
    for policy in ("per-vm", "per-vcpu"):
        document.set_policy(policy)
        assert document.stopping.times_ns is not None
        (times,) = document.stopping.times_ns
        assert times.tolist() == stop_times(zaps, document.run).tolist()
    before = len(times)
    document.undo()
    assert len(document.stopping.times_ns or ()) == 2
    assert before == 5


def test_from_moment_to_moment_at_a_pace():
    document = Document(boot())
    document.playback.set_pace(2)
    document.playback.play()
    document.playback.advance(400 * MS)
    assert document.playhead_ns == 0
    seen = []
    for _ in range(3):
        document.playback.advance(500 * MS)
        seen.append(document.playhead_ns)
    assert document.run is not None
    born = document.run.leaves.born_ns.tolist()
    events = [event.time_ns for event in document.scenario.events]
    moments = sorted({*born, *events} - {0})
    assert seen == moments[:3]
    document.set_playhead(document.duration_ns - 1)
    document.playback.advance(500 * MS)
    assert document.playhead_ns == document.duration_ns
    assert not document.playback.playing
