"""Edits: what events they make, what they are called, and since when things differ."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import CR0_CD, CR0_NW
from mtrrviz.facts.figures import figures
from mtrrviz.scenario import Access, Event, EventKind, Phase, Sweep
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.session.edits import (
    STEP_NS,
    RegisterWrite,
    add_event,
    add_touch,
    attach_dma,
    change_event,
    change_events,
    change_touch,
    detach_dma,
    disable_quirk,
    duplicate_events,
    move_events,
    past_tense,
    paste_events,
    remove_events,
    reorder_event,
    seen_as_other_kind,
    set_cache_disable,
    shift_after,
    write_as_kernel,
    write_registers,
)
from mtrrviz.sim import simulate
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr

BASE, MASK = 0x200, 0x201


@pytest.fixture
def made():
    return scenario(machine(), (wrmsr(5, DEFTYPE, ON_WB), wrmsr(5000, 0x277, 0)), (1, 5))


def machine_at(made, time_ns):
    return simulate(made, "per-vcpu").at(time_ns).machine


def new_events(edit, made):
    return [event for event in edit.scenario.events if event not in made.events]


def test_a_write_to_all_vcpus_is_one_event_each(made):
    edit = write_registers(made, 100, [0, 1], [RegisterWrite(BASE, 6)])
    events = new_events(edit, made)
    assert [(e.time_ns, e.vcpu, e.register, e.value) for e in events] == [
        (100, 0, BASE, 6),
        (100, 1, BASE, 6),
    ]
    assert (edit.since_ns, edit.until_ns) == (100, 100)
    assert edit.label == "Write IA32_MTRR_PHYSBASE0 = 0x6 on 2 vCPUs"


def test_typing_twice_at_one_time_leaves_one_event(made):
    once = write_registers(made, 100, [1], [RegisterWrite(BASE, 6)]).scenario
    twice = write_registers(once, 100, [1], [RegisterWrite(BASE, 4)])
    assert [event.value for event in new_events(twice, made)] == [4]


def test_a_recorded_write_of_the_same_time_is_not_replaced(made):
    edit = write_registers(made, 5, [0], [RegisterWrite(DEFTYPE, 0)])
    assert [event.value for event in edit.scenario.events[:2]] == [ON_WB, 0]


def test_the_kernels_sequence(made):
    now = machine_at(made, 100)
    writes = [RegisterWrite(BASE, 0), RegisterWrite(MASK, 0xF_FFE0_0800)]
    edit = write_as_kernel(made, 100, now, [0, 1], writes)
    events = new_events(edit, made)
    cr0 = now.cr0(0)
    steps = [
        (EventKind.MOV_CR0, 0, cr0 | CR0_CD),
        (EventKind.WRMSR, DEFTYPE, ON_WB & ~0x800),
        (EventKind.WRMSR, BASE, 0),
        (EventKind.WRMSR, MASK, 0xF_FFE0_0800),
        (EventKind.WRMSR, DEFTYPE, ON_WB),
        (EventKind.MOV_CR0, 0, cr0 & ~(CR0_CD | CR0_NW)),
    ]
    of_vcpu0 = [event for event in events if event.vcpu == 0]
    assert [(e.kind, e.register, e.value) for e in of_vcpu0] == steps
    assert [e.time_ns for e in events] == [100 + i * STEP_NS for i in range(12)]
    assert [e.vcpu for e in events] == [0] * 6 + [1] * 6
    assert (edit.since_ns, edit.until_ns) == (100, 100 + 11 * STEP_NS)


def test_the_kernels_sequence_is_accepted_throughout_and_leaves_caches_on(made):
    writes = [RegisterWrite(DEFTYPE, 0x804), RegisterWrite(BASE, 0x20_0000)]
    edit = write_as_kernel(made, 100, machine_at(made, 100), [0, 1], writes)
    after = machine_at(edit.scenario, edit.until_ns)
    for vcpu in (0, 1):
        assert after.read_msr(vcpu, DEFTYPE) == 0x804
        assert after.read_msr(vcpu, BASE) == 0x20_0000
        assert not after.cd(vcpu)


def test_a_sequence_that_ends_after_the_scenario_makes_it_longer(made):
    edit = write_as_kernel(made, 990, machine_at(made, 990), [0], [RegisterWrite(BASE, 0)])
    assert edit.until_ns is not None
    assert edit.scenario.duration_ns == max(edit.until_ns, 5000)
    run = simulate(edit.scenario, "per-vcpu")
    assert figures(run).zap_count == len(run.zaps)


@pytest.mark.parametrize("disable", [True, False])
def test_cache_disable_takes_effect(made, disable):
    edit = set_cache_disable(made, 100, machine_at(made, 100), [1], disable=disable)
    after = machine_at(edit.scenario, 100)
    assert after.cd(1) is disable
    assert after.cd(0)
    assert edit.label == f"Set CR0.CD={int(disable)} on vCPU 1"


def test_devices_come_and_go(made):
    attached = attach_dma(made, 100).scenario
    assert machine_at(attached, 100).noncoherent_dma == 2
    edit = detach_dma(attached, 200, 2)
    assert machine_at(edit.scenario, 200).noncoherent_dma == 0
    assert edit.label == "Detach all non-coherent DMA"


def test_a_quirk_is_disabled(made):
    edit = disable_quirk(made, 100, EventKind.DISABLE_CD_NW_QUIRK)
    assert machine_at(made, 100).cd_nw_quirk
    assert not machine_at(edit.scenario, 100).cd_nw_quirk
    assert edit.done == "Disabled quirk CD_NW_CLEARED"
    assert edit.acts


def test_without_self_snoop_the_pat_quirk_stays(made):
    poor = replace(made, machine=replace(made.machine, self_snoop=False))
    event = Event(3, EventKind.DISABLE_IGNORE_GUEST_PAT)
    for edit in (
        lambda: disable_quirk(poor, 100, event.kind),
        lambda: add_event(poor, event),
        lambda: change_event(poor, 0, event),
        lambda: paste_events(poor, [event], 9),
    ):
        with pytest.raises(MtrrvizError, match="self-snoop"):
            edit()
    assert add_event(made, event).scenario.events[0] == event


def test_removing_and_changing_an_event(made):
    assert remove_events(made, [0]).scenario.events == made.events[1:]
    changed = change_event(made, 0, replace(made.events[0], value=0xC06))
    assert changed.scenario.events[0].value == 0xC06
    assert changed.label == "Change wrmsr at 0.000000 s to 0xc06"
    assert changed.since_ns == 5


def test_edits_leave_the_scenario_before_them_alone(made):
    before = made.events
    write_registers(made, 100, [0], [RegisterWrite(BASE, 6)])
    remove_events(made, [0])
    assert made.events is before


def test_edits_share_the_touches(made):
    assert attach_dma(made, 100).scenario.touches is made.touches


PAGE = Sweep(20, 1, 7, 4, Access.WRITE, 8)


def times(scenario):
    return [event.time_ns for event in scenario.events]


@pytest.mark.parametrize(
    ("label", "done"),
    [
        ("Write IA32_PAT = 0x0 on vCPU 1", "Wrote IA32_PAT = 0x0 on vCPU 1"),
        ("Remove 3 events", "Removed 3 events"),
        ("Set CR0.CD=1 on vCPU 0", "Set CR0.CD=1 on vCPU 0"),
    ],
)
def test_what_was_done_is_said_in_the_past_tense(label, done):
    assert past_tense(label) == done


def test_a_changed_event_moves_to_its_time(made):
    edit = change_event(made, 0, replace(made.events[0], time_ns=6000))
    assert [event.register for event in edit.scenario.events] == [0x277, DEFTYPE]
    assert (edit.since_ns, edit.until_ns) == (5, 6000)
    assert edit.label == "Move wrmsr at 0.000000 s to 0.000006 s"
    assert edit.scenario.duration_ns == 6000


def test_several_events_change_in_one_step(made):
    changes = {i: replace(event, vcpu=1) for i, event in enumerate(made.events)}
    edit = change_events(made, changes)
    assert [event.vcpu for event in edit.scenario.events] == [1, 1]
    assert edit.label == "Change 2 events"


def test_moving_events_stops_at_the_start(made):
    edit = move_events(made, [0, 1], -100)
    assert times(edit.scenario) == [0, 4995]
    assert (edit.since_ns, edit.until_ns) == (0, 5000)


def test_events_of_one_time_change_places(made):
    twice = paste_events(made, [wrmsr(0, BASE, 6)], 5).scenario
    assert [e.register for e in twice.events] == [DEFTYPE, BASE, 0x277]
    edit = reorder_event(twice, 0, 1)
    assert [e.register for e in edit.scenario.events] == [BASE, DEFTYPE, 0x277]
    assert edit.since_ns == 5
    for index, steps in ((0, -1), (1, 1), (2, -1)):
        with pytest.raises(MtrrvizError, match="no other event happens"):
            reorder_event(twice, index, steps)


def test_duplicates_come_right_after_their_originals(made):
    edit = duplicate_events(made, [0])
    assert times(edit.scenario) == [5, 5, 5000]
    assert edit.since_ns == 5


def test_pasted_events_keep_their_distances(made):
    edit = paste_events(made, made.events, 100)
    assert times(edit.scenario) == [5, 100, 5000, 5095]
    assert (edit.since_ns, edit.until_ns) == (100, 5095)
    with pytest.raises(MtrrvizError, match="no events to paste"):
        paste_events(made, [], 100)


def test_an_event_of_a_vcpu_that_is_not_there_is_refused(made):
    with pytest.raises(MtrrvizError, match="vCPU 2: expected 0 to 1"):
        paste_events(made, [wrmsr(0, BASE, 6, vcpu=2)], 5)


def test_a_touch_makes_leaves(made):
    edit = add_touch(made, PAGE)
    assert edit.scenario.sweeps == (PAGE,)
    assert (edit.since_ns, edit.until_ns) == (20, 28)
    before, after = (len(simulate(s, "per-vcpu").leaves) for s in (made, edit.scenario))
    assert after > before
    again = change_touch(edit.scenario, 0, replace(PAGE, time_ns=10))
    assert again.since_ns == 10


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"vcpu": 2}, "there is no vCPU 2"),
        ({"pages": 0}, "at least one page"),
        ({"first_gfn": 1 << 24}, "above the guest's 36 address bits"),
        ({"time_ns": -1}, "whole number of nanoseconds, 0 to"),
        ({"pages": (1 << 24) - 7 + 1}, "above|more than"),
    ],
)
def test_a_touch_that_cannot_be_is_refused(made, wrong, says):
    with pytest.raises(MtrrvizError, match=says):
        add_touch(made, replace(PAGE, **wrong))


def test_shifting_takes_all_that_comes_later_along(made):
    full = replace(
        made,
        sweeps=(PAGE,),
        phases=(Phase(0, "a"), Phase(20, "b")),
        bookmarks=(Bookmark(30, "c"),),
    )
    edit = shift_after(full, 20, 15)
    shifted = edit.scenario
    assert times(shifted) == [5, 5015]
    assert [sweep.time_ns for sweep in shifted.sweeps] == [35]
    assert [phase.start_ns for phase in shifted.phases] == [0, 35]
    assert [bookmark.time_ns for bookmark in shifted.bookmarks] == [45]
    assert shifted.duration_ns == full.duration_ns + 15
    late = made.recorded.time_ns >= 20
    np.testing.assert_array_equal(shifted.recorded.time_ns, made.recorded.time_ns + 15 * late)
    assert edit.since_ns == 20
    back = shift_after(shifted, 35, -15)
    assert times(back.scenario) == times(full)
    assert back.since_ns == 20


def test_nothing_is_shifted_before_what_came_earlier(made):
    assert times(shift_after(made, 100, -95).scenario) == [5, 4905]
    with pytest.raises(MtrrvizError, match="can be moved back to then at most"):
        shift_after(made, 100, -96)


def test_a_host_is_seen_as_a_guest_and_back(made):
    host = replace(made, machine=replace(made.machine, kind=MachineKind.HOST))
    to_guest = seen_as_other_kind(host)
    assert not to_guest.scenario.machine.is_host
    assert to_guest.scenario.machine.noncoherent_dma
    back = seen_as_other_kind(to_guest.scenario)
    assert back.scenario.machine.is_host
    assert to_guest.label != back.label
    assert {(edit.since_ns, edit.until_ns) for edit in (to_guest, back)} == {(0, None)}
