"""Conditions to stop at: edited, suggested by things, typed into a form, counted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session import edits
from mtrrviz.session.document import Document
from mtrrviz.session.forms.typed_stop import TypedStop, typed
from mtrrviz.session.stop_targets import (
    event_stops,
    phase_stops,
    range_stops,
    register_stops,
    zap_stops,
)
from tests.session.booting import DEFTYPE, EVENTS, PHASES, boot

ZAP = StopCondition(StopKind.ZAP)
WRITE = StopCondition(StopKind.WRITE, vcpu=1, register=DEFTYPE)


@pytest.fixture
def document() -> Document:
    return Document(boot())


def test_stops_are_added_changed_switched_and_removed_as_steps_of_undo(document):
    steps = [document.scenario.stops]
    for make in (
        lambda s: edits.add_stop(s, ZAP),
        lambda s: edits.add_stop(s, WRITE),
        lambda s: edits.switch_stop(s, 0, is_on=False),
        lambda s: edits.change_stop(s, 1, replace(WRITE, vcpu=2)),
        lambda s: edits.remove_stops(s, [0]),
    ):
        document.apply(make(document.scenario))
        steps.append(document.scenario.stops)
    assert steps[2] == (ZAP, WRITE)
    assert steps[3] == (replace(ZAP, is_on=False), WRITE)
    assert steps[4][1].vcpu == 2
    assert steps[5] == (replace(WRITE, vcpu=2),)
    for before in reversed(steps[:-1]):
        document.undo()
        assert document.scenario.stops == before


def test_several_are_removed_as_one_step(document):
    document.apply(edits.change_stops(document.scenario, "Add stops", (ZAP, WRITE)))
    edit = edits.remove_stops(document.scenario, [0, 1])
    assert edit.scenario.stops == ()
    assert edit.done == "Removed 2 stops"


def test_labels_say_what_was_done(document):
    assert edits.add_stop(document.scenario, ZAP).done == "Added stop: KVM zaps"
    document.apply(edits.add_stop(document.scenario, ZAP))
    off = edits.switch_stop(document.scenario, 0, is_on=False)
    assert off.done == "Switched off stop: KVM zaps"


def test_the_same_condition_is_refused_even_if_it_is_switched_off(document):
    document.apply(edits.add_stop(document.scenario, replace(ZAP, is_on=False)))
    document.apply(edits.add_stop(document.scenario, WRITE))
    with pytest.raises(MtrrvizError, match="KVM zaps"):
        edits.add_stop(document.scenario, ZAP)
    with pytest.raises(MtrrvizError, match="KVM zaps"):
        edits.change_stop(document.scenario, 1, ZAP)
    edits.change_stop(document.scenario, 0, ZAP)


def test_several_bookmarks_are_removed_as_one_step(document):
    for time_ns in (5, 6, 7):
        bookmark = edits.add_bookmark(document.scenario, Bookmark(time_ns, f"mark {time_ns}"))
        document.apply(bookmark)
    edit = edits.remove_bookmarks(document.scenario, [0, 2])
    assert [mark.time_ns for mark in edit.scenario.bookmarks] == [6]
    assert edit.done == "Removed 2 bookmarks"


def test_things_suggest_stops_that_the_run_fulfils(document):
    suggested = (
        *register_stops((DEFTYPE,), 0),
        *range_stops((16, 19), 0),
        *event_stops(EVENTS[1]),
        *event_stops(EVENTS[-1]),
        *phase_stops(PHASES[1]),
        *zap_stops(((0, 256),), EVENTS[1]),
    )
    assert {stop.kind for stop in suggested} >= {
        StopKind.WRITE,
        StopKind.FAULT,
        StopKind.ZAP,
        StopKind.TYPE,
        StopKind.STALE,
        StopKind.NOTE,
        StopKind.PHASE,
    }
    stops = tuple(dict.fromkeys(suggested))
    document.apply(edits.change_stops(document.scenario, "Add stops", stops))
    counts = dict(zip(stops, document.stopping.counts, strict=True))
    assert counts[StopCondition(StopKind.WRITE, vcpu=0, register=DEFTYPE)] == 3
    assert counts[StopCondition(StopKind.WRITE, register=DEFTYPE)] == 6
    assert counts[StopCondition(StopKind.PHASE, phase="firmware")] == 1
    assert counts[StopCondition(StopKind.FAULT, gfns=(16, 19))] == len(document.run.leaves)


def test_a_load_of_cr0_suggests_cr0():
    load = Event(0, EventKind.MOV_CR0, 2, 0, 0x11)
    assert {stop.register for stop in event_stops(load)} == {CR0_ID}
    assert event_stops(Event(0, EventKind.INIT, 1)) == ()


def test_a_zap_of_all_memory_suggests_no_range():
    assert all(stop.gfns is None for stop in zap_stops(((0, 1 << 52),), EVENTS[1]))


def test_what_compares_policies_is_unknown_until_both_have_run(document, monkeypatch):
    differ = StopCondition(StopKind.POLICIES_DIFFER)
    document.apply(edits.change_stops(document.scenario, "Add stops", (differ, ZAP)))
    assert None not in document.stopping.counts
    monkeypatch.setattr(Document, "comparison", None)
    assert document.stopping.counts == (None, len(document.run.zaps))


@pytest.mark.parametrize(
    ("fields", "condition"),
    [
        (TypedStop(StopKind.ZAP, vcpu=1, register=2), StopCondition(StopKind.ZAP)),
        (
            TypedStop(StopKind.FAULT, vcpu=1, start="64 KiB", size="8 KiB"),
            StopCondition(StopKind.FAULT, vcpu=1, gfns=(16, 18)),
        ),
        (
            TypedStop(StopKind.TYPE, start="0x1_0000"),
            StopCondition(StopKind.TYPE, gfns=(16, 17)),
        ),
        (
            TypedStop(StopKind.WRITE, vcpu=1, register=DEFTYPE, start="nonsense"),
            StopCondition(StopKind.WRITE, vcpu=1, register=DEFTYPE),
        ),
        (TypedStop(StopKind.ZAPS_EXCEED), StopCondition(StopKind.ZAPS_EXCEED, limit=0)),
        (TypedStop(StopKind.PHASE, phase="x"), StopCondition(StopKind.PHASE, phase="x")),
    ],
)
def test_a_kind_takes_the_fields_that_it_has(document, fields, condition):
    machine = document.scenario.machine
    assert fields.condition(machine) == condition
    assert typed(condition).condition(machine) == condition


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (TypedStop(StopKind.TYPE), "address"),
        (TypedStop(StopKind.ZAP, size="4 KiB"), "address"),
        (TypedStop(StopKind.ZAP, start="0x10"), "0x10 is not the start"),
        (TypedStop(StopKind.ZAP, start="0", size="5"), "4 KiB pages"),
        (TypedStop(StopKind.ZAP, start="0", size="0"), "4 KiB pages"),
        (TypedStop(StopKind.ZAP, start="64 GiB"), "last address"),
        (TypedStop(StopKind.ZAP, start="there"), "there"),
    ],
)
def test_what_makes_no_condition_is_refused(document, fields, words):
    with pytest.raises((MtrrvizError, ValueError), match=words):
        fields.condition(document.scenario.machine)
