"""The document's comparison of its two runs, and the jumps to where they differ."""

from __future__ import annotations

import pytest

from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.changes import Change
from mtrrviz.session.difference_jumps import (
    to_first_difference,
    to_next_difference,
    to_previous_difference,
)
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite, write_registers
from tests.narrow import there
from tests.session.slow_executor import SlowExecutor


@pytest.fixture
def document():
    return Document(open_scenario("lagging-ap"))


def words_of(jump, document):
    """Jump, and return what the user is told."""
    told = []
    jump(document, told.append)
    return " ".join(told)


def enable_vcpu_1(document):
    """Return the edit that gives the lagging vCPU its MTRRs in time."""
    write = RegisterWrite(0x2FF, 0xC06)
    return write_registers(document.scenario, 550_000_000, [1], [write])


def test_both_states_are_of_the_playhead(document):
    document.set_playhead(900_000_000)
    assert document.state.time_ns == document.compared_state.time_ns == 900_000_000
    assert document.state.run.policy.id == document.policy
    assert document.compared_state.run.policy.id == document.compared_policy
    assert document.state is document.state
    assert document.compared_state is document.compared_state


def test_the_comparison_is_kept_until_a_run_changes(document):
    kept = document.comparison
    assert kept is document.comparison
    assert kept.policies == (document.policy, document.compared_policy)
    document.set_compared_policy("kvm-6.11")
    assert document.comparison.policies == ("per-vcpu", "kvm-6.11")


def test_swapping_the_policies_swaps_the_sides(document):
    document.set_playhead(document.duration_ns)
    before = document.comparison.at(document.playhead_ns)
    document.set_policy(document.compared_policy)
    after = document.comparison.at(document.playhead_ns)
    assert after.bits_a.tolist() == before.bits_b.tolist()


def test_an_edit_is_compared_in_both_runs(document):
    before = document.comparison
    document.apply(enable_vcpu_1(document))
    assert document.comparison is not before
    assert document.comparison.history.first_ns != before.history.first_ns


def test_nothing_is_compared_while_one_run_is_missing():
    waiting = []
    document = Document(
        open_scenario("lagging-ap"), executor=lambda work, done: waiting.append((work, done))
    )
    assert document.comparison is None
    assert document.compared_state is None
    for jump in (to_first_difference, to_next_difference, to_previous_difference):
        assert "still being simulated" in words_of(jump, document)
    work, done = waiting[0]
    done(work())
    assert document.comparison is None
    work, done = waiting[1]
    done(work())
    assert document.comparison is not None


def test_runs_of_different_edits_are_not_compared():
    waiting = []
    document = Document(
        open_scenario("lagging-ap"), executor=lambda work, done: waiting.append((work, done))
    )
    for work, done in waiting:
        done(work())
    waiting.clear()
    document.apply(enable_vcpu_1(document))
    work, done = waiting[0]
    done(work())
    assert document.comparison is None


def test_jumps_lead_to_the_differences(document):
    history = document.comparison.history
    assert words_of(to_first_difference, document) == ""
    assert document.playhead_ns == history.first_ns
    assert len(document.comparison.at(document.playhead_ns).rows)
    assert words_of(to_previous_difference, document) != ""
    assert document.playhead_ns == history.first_ns
    document.set_playhead(0)
    assert words_of(to_next_difference, document) == ""
    assert document.playhead_ns == history.changes_ns[0]
    document.set_playhead(document.duration_ns)
    assert words_of(to_previous_difference, document) == ""
    assert document.playhead_ns == history.changes_ns[-1]


def test_a_jump_pauses(document):
    document.playback.play()
    assert words_of(to_first_difference, document) == ""
    assert not document.playback.playing


def test_policies_that_never_differ_leave_the_playhead(document):
    document.set_compared_policy("kvm-6.7")
    document.set_playhead(1)
    assert "never differ" in words_of(to_first_difference, document) or document.playhead_ns > 1
    document.open(open_scenario("sandbox"), None)
    document.set_playhead(1)
    assert "never differ" in words_of(to_first_difference, document)
    assert document.playhead_ns == 1


@pytest.fixture
def slow(monkeypatch):
    """A document with both runs, to which any number of leaves is too many to compare at once."""
    monkeypatch.setattr("mtrrviz.session.known_differences._AT_ONCE", 0)
    executor = SlowExecutor()
    document = Document(open_scenario("lagging-ap"), executor=executor)
    executor.finish_all()
    return document, executor


def test_a_jump_over_many_leaves_waits_for_them_to_be_compared_aside(slow):
    document, executor = slow
    heard = []
    document.subscribe(heard.append)
    start_ns = document.playhead_ns
    assert "Looking for" in words_of(to_next_difference, document)
    assert "Looking for" in words_of(to_first_difference, document)
    assert document.playhead_ns == start_ns
    assert len(executor.waiting) == 1
    executor.finish_all()
    assert document.playhead_ns == document.comparison.history.first_ns
    assert heard == [{Change.PLAYHEAD}, {Change.DIFFERENCES}]
    assert words_of(to_first_difference, document) == ""


def test_a_jump_is_dropped_with_the_runs_that_it_was_over(slow):
    document, executor = slow
    start_ns = document.playhead_ns
    words_of(to_first_difference, document)
    document.set_compared_policy("kvm-6.11")
    executor.finish_all()
    assert document.playhead_ns == start_ns
    assert document.differences.history is None
    executor.finish_all()
    assert document.differences.history is document.comparison.history


def test_a_jump_is_not_taken_up_again_by_the_history_of_other_runs(slow):
    """Whoever asked for it wanted the differences of the runs that were shown then."""
    document, executor = slow
    heard = []
    assert not document.differences.when_known(heard.append)
    document.set_compared_policy("kvm-6.11")
    executor.finish_all()
    assert document.differences.history is None
    executor.finish_all()
    assert document.differences.history is not None
    assert heard == []


@pytest.mark.parametrize(("spare", "is_at_once"), [(0, True), (-1, False)])
def test_just_as_many_leaves_as_take_no_time_are_compared_at_once(monkeypatch, spare, is_at_once):
    executor = SlowExecutor()
    document = Document(open_scenario("lagging-ap"), executor=executor)
    executor.finish_all()
    leaves = sum(len(there(run).leaves) for run in (document.run, document.compared_run))
    monkeypatch.setattr("mtrrviz.session.known_differences._AT_ONCE", leaves + spare)
    assert (document.differences.history is not None) == is_at_once
