"""Lists of events that share pieces, against tuples of the same events."""

from __future__ import annotations

import random
from collections import Counter
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.scenario import MachineSpec, event_list, event_pieces
from mtrrviz.scenario.event_columns import EventColumns
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import DMA_KINDS, MSR_KINDS, REGISTER_KINDS, Event, EventKind
from mtrrviz.scenario.happenings_check import event_problem


def possible(time_ns, kind, vcpu, register, value, *words):
    """Return an event that writes what its kind can write."""
    register = register if kind in MSR_KINDS else 0
    return Event(time_ns, kind, vcpu, register, value if kind in REGISTER_KINDS else 0, *words)


EVENTS = st.builds(
    possible,
    st.integers(0, 6),
    st.sampled_from(EventKind),
    st.integers(0, 3),
    st.sampled_from([0x200, 0x2FF]),
    st.integers(0, (1 << 64) - 1),
    st.sampled_from(["", "user"]),
    st.sampled_from(["", "a note"]),
)
LISTS = st.lists(EVENTS, max_size=9).map(lambda found: sorted(found, key=lambda e: e.time_ns))


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch):
    """Make small lists what long ones are: several pieces, of columns."""
    monkeypatch.setattr(event_pieces, "SHORT", 1)
    monkeypatch.setattr(event_pieces, "_AT_ONCE", 2)


def in_pieces(events: list[Event], cuts: list[int]) -> EventList:
    """Return the list as edits may leave it: some of it objects, some columns."""
    made = EventList.of_columns(EventColumns.of(events))
    for at in cuts:
        if at < len(events):
            made = made.spliced(at, at + 1, [events[at]])
    return made


CUTS = st.lists(st.integers(0, 8), max_size=4)


@given(LISTS, CUTS, st.integers(-9, 9), st.integers(-9, 9), LISTS)
def test_it_reads_as_a_tuple(events, cuts, first, end, others):
    made, told = in_pieces(events, cuts), tuple(events)
    assert (len(made), list(made), repr(made)) == (len(told), events, repr(told))
    assert made == told
    assert hash(made) == hash(told)
    assert made[first:end] == told[first:end]
    assert made[::-2] == told[::-2]
    assert [made[i] for i in range(-len(told), len(told))] == [*told, *told]
    assert made + others == (*told, *others)
    assert (made == EventList(others)) == (events == others)
    assert made == in_pieces(events, cuts[::-1])
    with pytest.raises(IndexError):
        _ = made[len(told)]


@given(LISTS, CUTS)
def test_an_event_that_differs_is_seen(events, cuts):
    for index, event in enumerate(events):
        for other in (replace(event, text="another"), replace(event, value=event.value ^ 1)):
            changed = EventList([*events[:index], other, *events[index + 1 :]])
            assert in_pieces(events, cuts) != changed
            assert in_pieces(events, cuts) != in_pieces(list(changed), cuts)


@given(LISTS, CUTS, st.integers(-1, 7))
def test_columns_and_places(events, cuts, time_ns):
    made = in_pieces(events, cuts)
    assert made.time_ns.tolist() == [event.time_ns for event in events]
    assert made.vcpu.tolist() == [event.vcpu for event in events]
    assert made.rows_of(DMA_KINDS) == [i for i, e in enumerate(events) if e.kind in DMA_KINDS]
    assert made.first_at(time_ns) == sum(event.time_ns < time_ns for event in events)
    assert made.until(time_ns) == sum(event.time_ns <= time_ns for event in events)
    assert sum(len(columns.kind[rows]) for columns, rows in made.parts) == len(events)


PARTS = st.lists(st.lists(EVENTS, max_size=4), max_size=4)


@given(PARTS, st.integers(0, 3), st.integers(9, 16), st.integers(1, 4), st.sampled_from([1, 9]))
def test_what_cannot_happen_is_found_whatever_was_cut_off(parts, first, end, vcpus, short):
    columns, *more = [*parts, []]
    with patch.object(event_pieces, "SHORT", short):
        whole = EventList.of_columns(EventColumns.of(columns))
        for objects in more:
            whole += objects
    events = [event for part in parts for event in part]
    found = event_problem(
        whole[first:end], MachineSpec(vcpus=vcpus, memory_bytes=1 << 30, regions=())
    )
    part = events[first:end]
    back = [at for at in range(1, len(part)) if part[at].time_ns < part[at - 1].time_ns]
    missing = [at for at, event in enumerate(part) if event.vcpu >= vcpus]
    wrong = [(at, "time_ns") for at in back] + [(at, "vcpu") for at in missing]
    assert (found and found[:2]) == (wrong[0] if wrong else None)


@given(LISTS, CUTS, st.data())
def test_changes_are_those_of_a_list(events, cuts, data):
    made = in_pieces(events, cuts)
    places = st.integers(0, len(events))
    gone = data.draw(st.sets(places.filter(lambda i: i < len(events)))) if events else set()
    placed = sorted(data.draw(st.lists(st.tuples(places, EVENTS), max_size=4)), key=lambda p: p[0])
    expected: list[Event] = []
    for index in range(len(events) + 1):
        expected += [event for at, event in placed if at == index]
        expected += [event for event in events[index : index + 1] if index not in gone]
    assert list(made.changed(gone, placed)) == expected
    moved = {i: data.draw(EVENTS) for i in gone}
    kept = [moved.get(index, event) for index, event in enumerate(events)]
    assert list(made.in_order(moved)) == sorted(kept, key=lambda event: event.time_ns)


@given(LISTS, CUTS, st.data(), st.integers(0, 5))
def test_changes_of_very_many_are_those_of_a_list(events, cuts, data, by_ns):
    made = in_pieces(events, cuts)
    rows = sorted(data.draw(st.sets(st.sampled_from(range(len(events))))) if events else [])
    assert list(made.without(np.array(rows, np.intp))) == list(made.changed(rows, ()))
    changes = {row: replace(events[row], time_ns=events[row].time_ns + by_ns) for row in rows}
    assert list(made.later(np.array(rows, np.intp), by_ns)) == list(made.in_order(changes))
    with patch.object(event_list, "MOST_PIECES", 3):
        assert list(made.without(np.array(rows, np.intp))) == list(made.changed(rows, ()))
        assert list(made.later(np.array(rows, np.intp), by_ns)) == list(made.in_order(changes))


@given(LISTS, LISTS, LISTS, LISTS, CUTS, CUTS)
def test_shared_ends_are_the_very_same_events(head, old, new, tail, cuts, more_cuts):
    whole = in_pieces([*head, *old, *tail], cuts)
    other = whole.spliced(len(head), len(head) + len(old), new)
    for cut in more_cuts:
        if len(head) <= cut < len(head) + len(new):
            other = other.spliced(cut, cut + 1, new[cut - len(head) :][:1])
    first, last = whole.shared_ends(other)
    names, others = map(identities, (whole, other))
    assert first == _agreeing(names, others)
    assert last == _agreeing(names[first:][::-1], others[first:][::-1])
    assert first >= len(head) or len(whole) == len(head)
    assert max(Counter(names).values(), default=1) == 1


def identities(events: EventList) -> list[object]:
    """Return what tells each event from all others, equal ones as well."""
    found: list[object] = []
    for block, first, end in events.pieces:
        if block.kept is None:
            found += [(id(block), row) for row in range(first, end)]
        else:
            found += map(id, block.kept[first:end])
    return found


def _agreeing(ones: list[object], others: list[object]) -> int:
    count = 0
    while count < min(len(ones), len(others)) and ones[count] == others[count]:
        count += 1
    return count


def test_an_edit_copies_nothing_that_is_long():
    events = [Event(time_ns, EventKind.NOTE) for time_ns in range(100)]
    made = EventList.of_columns(EventColumns.of(events))
    edited = made.changed([50], [(7, events[0])])
    assert [np.shares_memory(c.time_ns, made.time_ns) for c, _ in edited.parts] == [
        True,
        False,
        True,
        True,
    ]


def test_after_very_many_edits_it_is_one_piece_again(monkeypatch):
    monkeypatch.setattr(event_pieces, "MOST_PIECES", 5)
    draw = random.Random(3)
    events = [Event(time_ns, EventKind.NOTE, text=str(time_ns)) for time_ns in range(40)]
    made = EventList.of_columns(EventColumns.of(events))
    most = 0
    for _ in range(60):
        index = draw.randrange(len(events))
        events[index] = replace(events[index], text=f"{draw.random()}")
        made = made.spliced(index, index + 1, [events[index]])
        assert list(made) == events
        most = max(most, len(made.pieces))
    assert most <= 5
