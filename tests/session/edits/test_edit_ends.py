"""Edits at the ends of what they may do: the first and the last value that is taken or refused."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario import Sweep
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.model import Phase
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.scenario.touches import Access, expand_sweep
from mtrrviz.scenario.view import View
from mtrrviz.session.edits import (
    add_bookmark,
    add_event,
    add_phase,
    add_touch,
    attach_dma,
    change_bookmark,
    change_events,
    change_phase,
    change_stops,
    change_touch,
    describe,
    detach_dma,
    duplicate_events,
    move_events,
    paste_events,
    remake_machine,
    remove_bookmark,
    remove_events,
    remove_phase,
    remove_touches,
    reorder_event,
    shift_after,
    touch_words,
)
from mtrrviz.session.edits.typed_event import can_type, type_into_events
from tests.session.booting import DEFTYPE, MS, SECOND, boot, wrmsr

BOOT = boot()
PAGE = Sweep(20, 1, 7, 8, Access.WRITE, 8)


def refused(act, *arguments):
    with pytest.raises(MtrrvizError) as caught:
        act(*arguments)
    return str(caught.value)


def span(edit):
    return edit.since_ns, edit.until_ns


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [
        ({"vcpu": 2}, True), ({"vcpu": 3}, False), ({"vcpu": -1}, False),
        ({"time_ns": 0}, True), ({"time_ns": -1}, False),
        ({"value": (1 << 64) - 1}, True), ({"value": 1 << 64}, False), ({"value": -1}, False),
    ],
)  # fmt: skip
def test_events_that_a_machine_can_have(changes, is_good):
    def event():
        return replace(wrmsr(7, 0, DEFTYPE, 6), **changes)

    acts = (
        lambda: add_event(BOOT, event()),
        lambda: change_events(BOOT, {1: event()}),
        lambda: paste_events(BOOT, [event()], event().time_ns),
    )
    for act in acts:
        if is_good:
            assert event() in act().scenario.events
        else:
            refused(act)


def test_edits_of_events_say_from_when_to_when_they_matter():
    times = [event.time_ns for event in BOOT.events]
    assert span(add_event(BOOT, wrmsr(7, 0, DEFTYPE, 6))) == (7 * MS, 7 * MS)
    changed = {1: wrmsr(7, 0, DEFTYPE, 6), 4: wrmsr(900, 0, DEFTYPE, 6)}
    assert span(change_events(BOOT, changed)) == (7 * MS, 900 * MS)
    assert span(remove_events(BOOT, [4, 1])) == (times[1], times[4])
    assert span(move_events(BOOT, [1, 4], 5)) == (times[1], times[4] + 5)
    assert span(move_events(BOOT, [1, 4], -5)) == (times[1] - 5, times[4])
    assert span(duplicate_events(BOOT, [2, 3])) == (times[2], times[3])
    assert span(reorder_event(BOOT, 6, 1)) == (600 * MS, 600 * MS)
    assert span(paste_events(BOOT, BOOT.events[1:3], 1)) == (1, 1 + 100 * MS)
    assert span(attach_dma(BOOT, 9)) == (9, 9)
    assert [e.kind for e in detach_dma(BOOT, 9, 2).scenario.events][:2] == [
        EventKind.DMA_DETACH
    ] * 2


def test_moved_events_stop_at_the_start_together():
    edit = move_events(BOOT, [0, 1], -10 * SECOND)
    assert [e.time_ns for e in edit.scenario.events][:2] == [0, 50 * MS]
    assert "+" not in edit.label
    assert " to " in move_events(BOOT, [0], 5).label


@pytest.mark.parametrize(("index", "steps"), [(6, -1), (6, 2), (7, 1), (7, -2), (0, 1)])
def test_only_events_of_one_time_change_places(index, steps):
    assert "no other event" in refused(reorder_event, BOOT, index, steps)


def test_events_of_one_time_change_places_either_way():
    down, up = reorder_event(BOOT, 6, 1), reorder_event(BOOT, 7, -1)
    assert down.scenario.events == up.scenario.events
    assert down.scenario.events[6] == BOOT.events[7]
    assert (down.label.split()[-1], up.label.split()[-1]) == ("down", "up")


def test_labels_name_one_event_and_count_several():
    assert "0.100000 s" in remove_events(BOOT, [1]).label
    assert "2 events" in remove_events(BOOT, [1, 2]).label
    changed = replace(BOOT.events[1], value=6)
    assert change_events(BOOT, {1: changed}).label.endswith("0x6")
    assert change_events(BOOT, {1: replace(BOOT.events[1], vcpu=2)}).label.endswith("vCPU 2")
    assert "text" in change_events(BOOT, {1: replace(BOOT.events[1], text="x")}).label
    later = replace(BOOT.events[1], time_ns=7 * MS)
    assert change_events(BOOT, {1: later}).label.startswith("Move")
    both = replace(later, value=6)
    assert change_events(BOOT, {1: both}).label.endswith("at 0.100000 s")


@pytest.mark.parametrize("act", [remove_events, duplicate_events, change_events, remove_touches])
def test_nothing_chosen_is_nothing_to_do(act):
    assert "chosen" in refused(act, BOOT, {})


def test_a_detached_device_is_one_or_all():
    assert "the" in detach_dma(BOOT, 9).label
    assert "all" in detach_dma(BOOT, 9, 2).label


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [
        ({"vcpu": 2}, True), ({"vcpu": 3}, False), ({"vcpu": -1}, False),
        ({"pages": 1}, True), ({"pages": 0}, False),
        ({"first_gfn": (1 << 24) - 8}, True), ({"first_gfn": (1 << 24) - 7}, False),
        ({"time_ns": 0}, True), ({"time_ns": -1}, False),
        ({"lasts_ns": 0}, True), ({"lasts_ns": -1}, False),
    ],
)  # fmt: skip
def test_touches_that_a_guest_can_make(changes, is_good):
    made = replace(BOOT, sweeps=(PAGE,))
    if not is_good:
        refused(lambda: add_touch(BOOT, replace(PAGE, **changes)))
        refused(lambda: change_touch(made, 0, replace(PAGE, **changes)))
        return
    sweep = replace(PAGE, **changes)
    edit = add_touch(BOOT, sweep)
    assert edit.scenario.sweeps == (sweep,)
    assert span(edit) == (sweep.time_ns, sweep.time_ns + sweep.lasts_ns)
    assert change_touch(made, 0, sweep).scenario.sweeps == (sweep,)


@pytest.mark.parametrize(("large", "pages"), [("", 1 << 22), ("1", 1 << 24)])
def test_all_touches_together_are_bounded(monkeypatch, large, pages):
    monkeypatch.setenv("MTRRVIZ_LARGE", large)
    wide = replace(BOOT, machine=replace(BOOT.machine, maxphyaddr=40))
    most = Sweep(0, 0, 0, pages)
    full = add_touch(wide, most).scenario
    assert "more than" in refused(add_touch, full, Sweep(0, 0, 0, 1))


def test_touches_are_changed_and_removed_by_number():
    other, third = replace(PAGE, time_ns=5), replace(PAGE, time_ns=30)
    made = replace(BOOT, sweeps=(PAGE, other, third))
    assert change_touch(made, 1, replace(PAGE, time_ns=9)).since_ns == 5
    assert change_touch(made, 0, replace(PAGE, time_ns=9)).since_ns == 9
    assert change_touch(made, 1, third).scenario.sweeps == (PAGE, third, third)
    assert remove_touches(made, [0, 2]).scenario.sweeps == (other,)
    assert remove_touches(made, [2, 0]).since_ns == 20
    assert "2 touch ranges" in remove_touches(made, [0, 2]).label
    assert touch_words(PAGE) in remove_touches(made, [0]).label
    assert touch_words(replace(PAGE, pages=1)) == "0x7000"
    assert touch_words(PAGE) == "0x7000 (32 KiB)"


def test_a_sweep_touches_its_pages_evenly():
    found = expand_sweep(Sweep(100, 2, 7, 4, Access.EXECUTE, 10))
    assert found.time_ns.tolist() == [100, 102, 105, 107]
    assert found.gfn.tolist() == [7, 8, 9, 10]
    assert set(found.vcpu.tolist()) == {2}
    assert set(found.access.tolist()) == {Access.EXECUTE}


def test_phases_stay_in_order_and_edits_matter_from_the_earlier_time_on():
    added = add_phase(BOOT, Phase(500 * MS, "x"))
    assert [p.name for p in added.scenario.phases] == ["reset", "firmware", "x", "kernel"]
    assert span(added) == (500 * MS, None)
    moved = change_phase(BOOT, 1, replace(BOOT.phases[1], start_ns=SECOND))
    assert [p.name for p in moved.scenario.phases] == ["reset", "kernel", "firmware"]
    assert moved.since_ns == 150 * MS
    assert moved.label.startswith("Move")
    assert change_phase(BOOT, 1, replace(BOOT.phases[1], start_ns=5)).since_ns == 5
    assert change_phase(BOOT, 1, replace(BOOT.phases[1], name="y")).label.startswith("Rename")
    assert change_phase(BOOT, 1, replace(BOOT.phases[1], text="z")).label.startswith("Change")
    gone = remove_phase(BOOT, 1)
    assert [p.name for p in gone.scenario.phases] == ["reset", "kernel"]
    assert gone.since_ns == 150 * MS


@pytest.mark.parametrize("phase", [Phase(0, " "), Phase(-1, "x")])
def test_a_phase_needs_a_name_and_a_time(phase):
    refused(add_phase, BOOT, phase)
    refused(change_phase, BOOT, 0, phase)


@pytest.mark.parametrize(
    ("mark", "is_good"),
    [
        (Bookmark(0, "x"), True), (Bookmark(-1, "x"), False), (Bookmark(2 * SECOND, "x"), True),
        (Bookmark(2 * SECOND + 1, "x"), False), (Bookmark(5, " "), False),
    ],
)  # fmt: skip
def test_bookmarks_lie_within_the_scenario_and_have_names(mark, is_good):
    made = replace(BOOT, bookmarks=(Bookmark(1, "a"), Bookmark(3, "b"), Bookmark(5, "c")))
    if not is_good:
        refused(add_bookmark, BOOT, mark)
        refused(change_bookmark, made, 1, mark)
        return
    assert add_bookmark(BOOT, mark).scenario.bookmarks == (mark,)
    changed = change_bookmark(made, 1, mark).scenario.bookmarks
    assert sorted(b.name for b in changed) == ["a", "c", "x"]
    assert [b.time_ns for b in changed] == sorted(b.time_ns for b in changed)
    assert [b.name for b in remove_bookmark(made, 1).scenario.bookmarks] == ["a", "c"]


def test_what_a_scenario_tells_needs_no_new_run():
    edits = (
        describe(BOOT, "t", "d", ["a", "b"]),
        add_bookmark(BOOT, Bookmark(1, "a")),
        change_stops(BOOT, "Set a stop", [StopCondition(StopKind.ZAP)]),
    )
    assert {span(edit) for edit in edits} == {(2 * SECOND + 1, None)}
    told = edits[0].scenario
    assert (told.title, told.description, told.tags) == ("t", "d", ("a", "b"))
    assert edits[2].scenario.stops == (StopCondition(StopKind.ZAP),)
    refused(describe, BOOT, " ", "", ())


def test_what_happens_exactly_at_a_time_is_shifted_and_what_lasts_until_then_is_in_the_way():
    made = replace(
        BOOT,
        events=(wrmsr(100, 0, DEFTYPE, 6), wrmsr(200, 0, DEFTYPE, 6)),
        phases=(Phase(0, "a"), Phase(200 * MS, "b")),
        recorded=replace(BOOT.recorded, **{
            name: getattr(BOOT.recorded, name)[:1] for name in ("time_ns", "gfn", "vcpu", "access")
        }),
        bookmarks=(Bookmark(200 * MS - 1, "a"), Bookmark(200 * MS, "b")),
    )  # fmt: skip
    edit = shift_after(made, 200 * MS, -100 * MS)
    assert [e.time_ns for e in edit.scenario.events] == [100 * MS, 100 * MS]
    assert [p.start_ns for p in edit.scenario.phases] == [0, 100 * MS]
    assert [b.time_ns for b in edit.scenario.bookmarks] == [200 * MS - 1, 100 * MS]
    assert edit.scenario.duration_ns == 2 * SECOND - 100 * MS
    assert span(edit) == (100 * MS, 100 * MS)
    assert not edit.scenario.duration_is_modelled
    refused(shift_after, made, 200 * MS, -100 * MS - 1)
    lasting = replace(made, sweeps=(Sweep(100 * MS, 0, 7, 8, Access.READ, 60 * MS),))
    shift_after(lasting, 200 * MS, -40 * MS)
    refused(shift_after, lasting, 200 * MS, -40 * MS - 1)
    later = replace(made, phases=(Phase(0, "a"), Phase(150 * MS, "b")))
    refused(shift_after, later, 200 * MS, -50 * MS - 1)
    touched = shift_after(BOOT, 10 * MS, -10 * MS).scenario.recorded.time_ns
    assert touched[:3].tolist() == [0, 0, 10 * MS]
    refused(shift_after, BOOT, 20 * MS, -10 * MS - 1)


@pytest.mark.parametrize(("gfn", "is_kept"), [((1 << 20) - 1, True), (1 << 20, False)])
def test_the_last_address_that_a_machine_reaches_stays(gfn, is_kept):
    machine = replace(BOOT.machine, maxphyaddr=32, unknown_registers=frozenset({(2, DEFTYPE)}))
    made = replace(
        BOOT,
        machine=replace(machine, maxphyaddr=36),
        sweeps=(Sweep(1, 0, gfn, 1),),
        bookmarks=(Bookmark(1, "a", gfn=gfn),),
        view=View(gfn=gfn, vcpu=2),
    )
    found = remake_machine(made, machine).edit.scenario
    assert bool(found.sweeps) is is_kept
    assert (found.bookmarks[0].gfn == gfn) is is_kept
    assert (found.view.gfn == gfn) is is_kept
    assert found.view.vcpu == 2
    assert found.machine.unknown_registers == {(2, DEFTYPE)}
    fewer = remake_machine(made, replace(machine, vcpus=2)).edit.scenario
    assert fewer.view.vcpu is None
    assert fewer.machine.unknown_registers == frozenset()


@pytest.mark.parametrize(
    ("index", "key", "can"),
    [
        (1, "value", True), (1, "vcpu", True), (1, "time_s", True), (1, "meaning", True),
        (1, "kind", False), (0, "value", False), (0, "vcpu", True), (9, "vcpu", False),
        (11, "value", False), (11, "meaning", True),
    ],
)  # fmt: skip
def test_what_can_be_typed_into_an_event(index, key, can):
    assert can_type(BOOT.events[index], key) is can


def test_typing_gives_all_fitting_events_the_same_and_moves_times_together():
    edit = type_into_events(BOOT, [1, 0, 2], "value", "0x7")
    assert [e.value for e in edit.scenario.events[:3]] == [0, 7, 7]
    moved = type_into_events(BOOT, [1, 2], "time_s", "0.15")
    assert [e.time_ns for e in moved.scenario.events[:3]] == [50 * MS, 150 * MS, 250 * MS]
    assert type_into_events(BOOT, [2], "vcpu", "2").scenario.events[2].vcpu == 2
    assert type_into_events(BOOT, [2], "meaning", "why").scenario.events[2].text == "why"
    assert "has none" in refused(type_into_events, BOOT, [0, 9], "value", "7")
    assert "not a number" in refused(type_into_events, BOOT, [1], "vcpu", "x")
