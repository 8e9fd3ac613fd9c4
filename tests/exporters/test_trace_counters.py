"""The counters of a trace, value for value, against a run that is counted by hand."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.exporters.trace_counters import counter_events
from mtrrviz.facts.live_counts import live_counts, sample_times
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.sim import simulate
from tests.sim.made import DEFTYPE, ON_UC, ON_WB, machine, scenario, wrmsr

A, D = EventKind.DMA_ATTACH, EventKind.DMA_DETACH
EVENTS = (
    *(Event(2, EventKind.MOV_CR0, vcpu, 0, 0x11) for vcpu in (0, 1)),
    Event(5, D),
    Event(7, D),
    Event(20, A),
    wrmsr(100, DEFTYPE, ON_WB),
    Event(200, A),
    wrmsr(300, DEFTYPE, 0x804),
    wrmsr(500, DEFTYPE, ON_UC, vcpu=1),
    Event(600, D),
)
TOUCHES = [(150, 5), (160, 600), (350, 5), (360, 1200), (370, 5), (550, 600, 1), (560, 9000, 1)]
RUN = simulate(scenario(machine(), EVENTS, (1, 5), *TOUCHES), "per-vcpu")


@pytest.fixture
def series():
    """Return the values of each counter as (time in ns, values)."""
    found = defaultdict(list)
    for event in counter_events(RUN, 7):
        assert (event["ph"], event["pid"]) == ("C", 7)
        found[event["name"]].append((round(event["ts"] * 1000), event["args"]))
    return found


def alive(time_ns, kind):
    born, died = RUN.leaves.born_ns, RUN.leaves.died_ns
    there = (born <= time_ns) & (time_ns < died) & (RUN.leaves.memory_type == kind)
    return int(np.count_nonzero(there))


def test_leaves_are_counted_by_each_type_that_there_is(series):
    kinds = [MemoryType(kind) for kind in np.unique(RUN.leaves.memory_type).tolist()]
    assert len(kinds) == 3
    assert [time_ns for time_ns, _ in series["live leaves"]] == list(range(1001))
    for time_ns, values in series["live leaves"]:
        assert values == {kind.name: alive(time_ns, kind) for kind in kinds}


def test_zaps_are_counted_and_their_cycles_summed(series):
    assert series["zaps"][0] == (0, {"so far": 0})
    times = RUN.zaps.time_ns.tolist()
    assert len(times) == 3
    assert series["zaps"][1:] == [(t, {"so far": n}) for n, t in enumerate(times, 1)]
    (name,) = (name for name in series if name.startswith("zap Mcycles"))
    sums = [sum(RUN.zaps.cycles[: n + 1].tolist()) / 1e6 for n in range(len(times))]
    assert [time_ns for time_ns, _ in series[name]] == times
    assert [each["so far"] for _, each in series[name]] == pytest.approx(sums, abs=0.0006)


def test_devices_are_never_fewer_than_none(series):
    counts = [(time_ns, values["devices"]) for time_ns, values in series["non-coherent DMA"]]
    assert counts == [(0, 1), (5, 0), (20, 1), (200, 2), (600, 1)]


@pytest.mark.parametrize("even", [1, 2, 3, 11])
def test_samples_are_even_from_start_to_end_and_on_both_sides_of_each_zap(even):
    grid = [1000 * n // (even - 1) for n in range(even)] if even > 1 else [0]
    sides = [side for time_ns in RUN.zaps.time_ns.tolist() for side in (time_ns - 1, time_ns)]
    assert sample_times(RUN, even).tolist() == sorted({*grid, *sides})


def test_the_moment_before_the_start_is_the_start():
    run = simulate(scenario(machine(), (wrmsr(0, DEFTYPE, ON_WB),), (0, 5)), "per-vcpu")
    assert 0 in run.zaps.time_ns
    assert sample_times(run, 2).tolist() == [0, 1000]
    chosen = np.ones(len(run.leaves), np.bool_)
    assert live_counts(run, chosen, np.array([0, 1, 1000])).tolist() == [1, 1, 1]
    assert live_counts(run, ~chosen, np.array([0, 1000])).tolist() == [0, 0]
