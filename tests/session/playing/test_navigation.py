"""Where steps and jumps go: events, zaps, phases."""

from __future__ import annotations

import pytest

from mtrrviz.scenario.events import EventKind
from mtrrviz.session.playing.navigation import (
    ANY,
    ZAPS,
    JumpFilter,
    next_event,
    next_moment,
    next_phase,
    previous_event,
    previous_moment,
    previous_phase,
)
from mtrrviz.sim import simulate
from tests.session.booting import EVENTS, MS, boot

SCENARIO = boot()
RUN = simulate(SCENARIO, "per-vcpu")


def walk(step, start, wanted):
    """Follow steps from a start to their end, in milliseconds."""
    times, time_ns = [], start
    while (time_ns := step(RUN, SCENARIO, time_ns, wanted)) is not None:
        times.append(time_ns // MS)
    return times


def test_stepping_stops_once_at_each_time_with_events():
    times = sorted({event.time_ns // MS for event in EVENTS})
    assert walk(next_event, -1, ANY) == times
    assert walk(previous_event, SCENARIO.duration_ns, ANY) == times[::-1]


@pytest.mark.parametrize(
    ("wanted", "times"),
    [
        (ZAPS, [100, 200, 300, 600, 610]),
        (JumpFilter(vcpu=1), [500, 600]),
        (JumpFilter(frozenset({EventKind.INIT, EventKind.NOTE})), [50, 1500]),
        (JumpFilter(vcpu=0, zaps_only=True), [100, 200, 300]),
        (JumpFilter(frozenset({EventKind.VMM_WRMSR})), []),
    ],
)
def test_stops_can_be_chosen_by_kind_vcpu_and_zap(wanted, times):
    assert walk(next_event, -1, wanted) == times
    assert walk(previous_event, SCENARIO.duration_ns, wanted) == times[::-1]


def test_an_event_of_the_vm_is_no_event_of_vcpu_0():
    attach = JumpFilter(frozenset({EventKind.DMA_DETACH}), vcpu=0)
    assert next_event(RUN, SCENARIO, 0, attach) is None


def test_zaps_need_a_run():
    assert next_event(None, SCENARIO, 0, ZAPS) is None
    assert next_event(None, SCENARIO, 0, ANY) == 50 * MS


def test_phases_follow_each_other():
    assert next_phase(SCENARIO, 0) == 150 * MS
    assert next_phase(SCENARIO, 900 * MS) is None
    assert previous_phase(SCENARIO, 901 * MS) == 900 * MS
    assert previous_phase(SCENARIO, 900 * MS) == 150 * MS
    assert previous_phase(SCENARIO, 0) is None


def test_moments_are_the_events_and_the_faults():
    born = RUN.leaves.born_ns.tolist()
    moments = sorted({event.time_ns for event in EVENTS} | set(born))
    forward, back, time_ns = [], [], -1
    while (time_ns := next_moment(RUN, SCENARIO, time_ns)) is not None:
        forward.append(time_ns)
    time_ns = SCENARIO.duration_ns
    while (time_ns := previous_moment(RUN, SCENARIO, time_ns)) is not None:
        back.append(time_ns)
    assert forward == moments
    assert back == moments[::-1]
    assert next_moment(None, SCENARIO, -1) == EVENTS[0].time_ns
    assert previous_moment(None, SCENARIO, SCENARIO.duration_ns) == EVENTS[-1].time_ns
