"""Edits of very many events at once come to what those of few come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.event_columns import EventColumns
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.touches import no_touches
from mtrrviz.scenario.value_check import LAST_NS
from mtrrviz.session.document import Document
from mtrrviz.session.edits import Edit, event_edits, move_events, remove_events, shift_after
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


def many() -> Document:
    """Return a document of columns, as long lists are."""
    events = [Event(at * MS, EventKind.WRMSR, at % 2, 0x277, at % 5) for at in range(9000)]
    made = replace(boot(), events=EventList.of_columns(EventColumns.of(events)))
    return Document(made, executor=lambda *_: None)


def chosen_times_ms(document: Document) -> list[int]:
    events = document.scenario.events
    return [events[index].time_ns // MS for index in sorted(document.chosen_events)]


@pytest.mark.parametrize("count", [10, 5000])
def test_what_is_moved_stays_chosen_and_what_is_not_as_well(count: int) -> None:
    document = many()
    document.choose_events(range(count))
    document.apply(move_events(document.scenario, range(count), 100_000 * MS))
    assert chosen_times_ms(document) == [100_000 + at for at in range(count)]
    document.undo()
    assert chosen_times_ms(document) == list(range(count))
    document.choose_events([7000, 8000])
    document.apply(move_events(document.scenario, range(count), 100_000 * MS))
    assert chosen_times_ms(document) == [7000, 8000]
    document.undo()
    assert chosen_times_ms(document) == [7000, 8000]


@pytest.mark.parametrize("count", [10, 5000])
def test_what_is_left_stays_chosen(count: int) -> None:
    document = many()
    document.choose_events([1, 6000, 8999])
    document.apply(remove_events(document.scenario, range(count)))
    assert chosen_times_ms(document) == [6000, 8999]


def test_few_of_very_many_stay_chosen_wherever_they_are() -> None:
    document = many()
    document.choose_events([5, 8000, 8500])
    document.apply(move_events(document.scenario, [5, 8000], 10 * MS + 1))
    assert chosen_times_ms(document) == [15, 8010, 8500]


def test_nothing_is_shifted_before_the_last_of_earlier_events(scenario: Scenario) -> None:
    bare = replace(scenario, phases=(), sweeps=(), recorded=no_touches())
    at_ns = [event.time_ns for event in bare.events]
    first = next(i for i in range(2, len(at_ns)) if at_ns[i - 2] < at_ns[i - 1] < at_ns[i])
    back_ns = at_ns[first - 1] - at_ns[first]
    shifted = shift_after(bare, at_ns[first], back_ns).scenario
    assert shifted.events.time_ns.tolist() == [
        *at_ns[:first],
        *(t + back_ns for t in at_ns[first:]),
    ]
    with pytest.raises(MtrrvizError, match="something happens"):
        shift_after(bare, at_ns[first], back_ns - 1)


@pytest.mark.parametrize("by_ns", [(1 << 63) - 1, 1 << 70])
def test_nothing_is_shifted_to_a_time_that_no_event_can_have(
    scenario: Scenario, by_ns: int
) -> None:
    with pytest.raises(MtrrvizError, match=r"expected"):
        shift_after(scenario, 0, by_ns)
