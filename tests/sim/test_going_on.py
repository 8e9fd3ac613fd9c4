"""A run that goes on from an earlier one is the run from the start, with leaves of any size."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.policies import policy_ids
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.sim import simulate
from tests.sim.made import DEFTYPE, GIB, ON_UC, ON_WB, machine, ram, scenario, touches, wrmsr
from tests.sim.slow import leaf_rows, zap_rows

PAGES_1G = GIB >> 12
SPEC = machine(ram(0, 0xA_0000), ram(1 << 20, 4 * GIB), host_level=3)
EVENTS = (
    Event(10, EventKind.MOV_CR0, 0, 0, 0x11),
    wrmsr(20, DEFTYPE, ON_WB),
    wrmsr(100, 0x200, 3 * GIB),
    wrmsr(110, 0x201, (1 << 36) - (GIB >> 1) | 0x800),
    wrmsr(200, DEFTYPE, ON_UC),
    Event(300, EventKind.DMA_DETACH),
    wrmsr(400, DEFTYPE, ON_WB, vcpu=1),
    wrmsr(500, 0x201, 0),
)
PLACES = (5, 600, PAGES_1G + 7, 2 * PAGES_1G, 3 * PAGES_1G, 3 * PAGES_1G + (PAGES_1G >> 1))
ROWS = [
    (time_ns + at, gfn, at & 1) for time_ns in range(3, 700, 61) for at, gfn in enumerate(PLACES)
]
STORY = replace(scenario(SPEC, EVENTS), recorded=touches(*ROWS))


def same(found, expected):
    return leaf_rows(found) == leaf_rows(expected) and zap_rows(found) == zap_rows(expected)


@pytest.mark.parametrize("policy", policy_ids())
def test_from_any_event_on_it_is_as_from_the_start(policy):
    whole = simulate(STORY, policy)
    assert set(whole.leaves.level.tolist()) == {1, 2, 3}
    for since_ns in sorted(
        {0, 1, 1000, *(event.time_ns + by for event in EVENTS for by in (0, 1))}
    ):
        assert same(simulate(STORY, policy, base=whole, since_ns=since_ns), whole)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_after_an_edit_only_what_comes_later_is_another(level):
    story = replace(STORY, machine=replace(SPEC, host_level=level))
    base = simulate(story, "per-vcpu")
    for at, event in enumerate(EVENTS):
        changed = replace(story, events=(*EVENTS[:at], *EVENTS[at + 1 :]))
        found = simulate(changed, "per-vcpu", base=base, since_ns=event.time_ns)
        assert same(found, simulate(changed, "per-vcpu"))
        more = touches(*sorted([*ROWS, (event.time_ns + 3, 4, 1)]))
        added = replace(story, recorded=more)
        later = simulate(added, "per-vcpu", base=base, since_ns=event.time_ns + 3)
        assert same(later, simulate(added, "per-vcpu"))


def test_requests_that_an_edit_removed_leave_nothing_behind():
    moving = [wrmsr(600 + at, 0x200, (1 + at) << 21) for at in range(8)]
    on = (*EVENTS[:4], *moving)
    whole = simulate(replace(STORY, events=on), "per-vcpu")
    assert len(whole.zaps.ranges.values) > 8
    edited = replace(STORY, events=on[:-7])
    again = simulate(edited, "per-vcpu", base=whole, since_ns=601)
    assert same(again, simulate(edited, "per-vcpu"))
    assert set(again.zaps.ranges.values) == set(again.zaps.ranges)
