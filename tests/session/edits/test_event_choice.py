"""The chosen events stay the chosen ones whatever an edit does to the others."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.session import edits
from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from tests.session.booting import EVENTS, MS, boot


@pytest.fixture
def document() -> Document:
    document = Document(boot())
    document.choose_events([1, 4])
    return document


def chosen(document):
    return [document.scenario.events[index] for index in sorted(document.chosen_events)]


def test_choosing_is_told_once_and_keeps_what_there_is(document):
    heard: list[frozenset[Change]] = []
    document.subscribe(heard.append)
    document.choose_events([1, 4])
    assert heard == []
    document.choose_events([2, 99, -1])
    assert document.chosen_events == {2}
    assert heard == [{Change.CHOSEN}]


def test_moved_events_stay_chosen_and_come_back_with_undo(document):
    document.apply(edits.move_events(document.scenario, document.chosen_events, 125 * MS))
    moved = [replace(EVENTS[i], time_ns=EVENTS[i].time_ns + 125 * MS) for i in (1, 4)]
    assert chosen(document) == moved
    document.undo()
    assert document.chosen_events == {1, 4}
    document.redo()
    assert chosen(document) == moved


def test_one_step_takes_the_move_of_several_back(document):
    before = document.scenario
    document.apply(edits.move_events(document.scenario, document.chosen_events, 125 * MS))
    assert document.undo_label == "Move 2 events by +0.125000 s"
    document.undo()
    assert document.scenario is before
    assert document.undo_label is None


def test_an_event_added_before_them_is_not_chosen(document):
    document.apply(edits.add_event(document.scenario, replace(EVENTS[0], time_ns=1)))
    assert chosen(document) == [EVENTS[1], EVENTS[4]]


def test_removed_events_are_chosen_no_longer(document):
    document.apply(edits.remove_events(document.scenario, [1]))
    assert chosen(document) == [EVENTS[4]]
    document.apply(edits.remove_events(document.scenario, document.chosen_events))
    assert document.chosen_events == frozenset()


def test_of_a_pair_of_the_same_event_the_moved_one_is_chosen(document):
    document.apply(edits.duplicate_events(document.scenario, [1]))
    document.choose_events([2])
    document.apply(edits.move_events(document.scenario, [2], 33 * MS))
    assert [event.time_ns for event in chosen(document)] == [133 * MS]


def test_another_scenario_has_nothing_chosen(document):
    document.open(boot(), None)
    assert document.chosen_events == frozenset()
