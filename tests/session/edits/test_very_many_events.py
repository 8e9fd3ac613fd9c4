"""Edits of very many events at once come to what those of few come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.value_check import LAST_NS
from mtrrviz.session import event_choice
from mtrrviz.session.document import Document
from mtrrviz.session.edits import Edit, event_edits, move_events, remove_events
from tests.session.booting import EVENTS, MS, boot

if TYPE_CHECKING:
    from mtrrviz.scenario import Scenario

CHOSEN = (1, 2, 3, 5, 8)


@pytest.fixture
def scenario() -> Scenario:
    return boot()


def told(edit: Edit) -> tuple[object, ...]:
    after = edit.scenario
    return edit.label, tuple(after.events), edit.since_ns, edit.until_ns, after.duration_ns


@pytest.mark.parametrize("indices", [CHOSEN, range(len(EVENTS)), CHOSEN[::-1]])
@pytest.mark.parametrize("by_ns", [250 * MS, -40 * MS, -9000 * MS, 7, 0])
def test_moving(
    scenario: Scenario, indices: range, by_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = move_events(scenario, indices, by_ns)
    monkeypatch.setattr(event_edits, "SHORT", 1)
    assert told(move_events(scenario, indices, by_ns)) == told(few)


@pytest.mark.parametrize("indices", [CHOSEN, range(len(EVENTS)), range(3, 7)])
def test_removing(scenario: Scenario, indices: range, monkeypatch: pytest.MonkeyPatch) -> None:
    few = remove_events(scenario, indices)
    monkeypatch.setattr(event_edits, "SHORT", 1)
    assert told(remove_events(scenario, indices)) == told(few)


@pytest.mark.parametrize("by_ns", [LAST_NS, 2 * 86_400 * 10**9, (1 << 63) - 1, 1 << 70])
def test_none_is_moved_to_a_time_that_no_event_can_have(
    scenario: Scenario, by_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_edits, "SHORT", 1)
    with pytest.raises(MtrrvizError, match=r"a day|expected"):
        move_events(scenario, CHOSEN, by_ns)


def test_after_an_edit_of_very_many_only_what_lies_before_it_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = Document(boot())
    document.choose_events([0, 2, 6])
    monkeypatch.setattr(event_choice, "_MOST", 3)
    document.apply(move_events(document.scenario, range(2, 8), 1))
    assert document.chosen_events == {0}
    document.choose_events([0, 2, 6])
    document.apply(move_events(document.scenario, [6], 1))
    assert len(document.chosen_events) == 3
