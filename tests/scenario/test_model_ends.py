"""Scenarios, machines and observed leaves at the first and the last value of each limit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.generated.new_machines import LAYOUTS
from mtrrviz.scenario.machine_check import machine_problems, region_problems
from mtrrviz.scenario.machine_kind import as_guest, as_host, is_seen_as_guest
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Recording, Scenario
from mtrrviz.scenario.observed import STANDING_NS, ObservedLeaves, none_observed
from mtrrviz.scenario.touches import Sweep, Touches, merge_touches, no_touches

GUEST = LAYOUTS[0].machine()
HERE = Path()
HOST = replace(GUEST, kind=MachineKind.HOST)


def observed(*rows):
    """Rows are (born_ns, died_ns, gfn, level)."""
    born, died, gfn, level = zip(*rows, strict=True)
    zeros = np.zeros(len(rows), np.uint8)
    return ObservedLeaves(
        np.array(born, np.int64), np.array(died, np.int64), np.array(gfn, np.uint64),
        np.array(level, np.uint8), zeros, zeros, np.arange(len(rows), dtype=np.uint32),
    )  # fmt: skip


LEAVES = observed(
    (10, 20, 0x200, 1), (10, STANDING_NS, 0x400, 2), (15, 40, 0x201, 1), (30, STANDING_NS, 0x200, 1)
)


@pytest.mark.parametrize(
    ("gfn", "time_ns", "row"),
    [
        (0x200, 9, None), (0x200, 10, 0), (0x200, 19, 0), (0x200, 20, None), (0x200, 29, None),
        (0x200, 30, 3), (0x201, 14, None), (0x201, 39, 2), (0x201, 40, None), (0x3FF, 50, None),
        (0x400, 10, 1), (0x5FF, 99, 1), (0x600, 99, None),
    ],
)  # fmt: skip
def test_the_observed_leaf_of_a_page_at_a_time(gfn, time_ns, row):
    assert LEAVES.row_at(gfn, time_ns) == row


def test_of_two_observed_leaves_of_a_page_the_newer_counts():
    assert observed((1, 9, 7, 1), (2, 9, 7, 1)).row_at(7, 5) == 1


def test_observed_leaves_end_with_the_last_birth_or_end():
    assert LEAVES.end_ns == 40
    assert observed((10, STANDING_NS, 1, 1), (50, STANDING_NS, 1, 1)).end_ns == 50
    assert none_observed().end_ns == 0


def test_stretching_leaves_standing_ones_standing():
    longer = LEAVES.stretched(1.5)
    assert longer.born_ns.tolist() == [15, 15, 22, 45]
    assert longer.died_ns.tolist() == [30, STANDING_NS, 60, STANDING_NS]
    assert LEAVES.died_ns.tolist()[0] == 20
    assert LEAVES.stretched(1.0) is LEAVES


def touches(*rows):
    times, gfns = zip(*rows, strict=True)
    zeros = np.zeros(len(rows), np.uint8)
    return Touches(np.array(times, np.int64), np.array(gfns, np.uint64), zeros, zeros)


def test_merged_touches_are_by_time_and_equal_ones_in_the_order_of_the_parts():
    merged = merge_touches([touches((5, 1), (9, 2)), touches((1, 3), (5, 4))])
    assert merged.gfn.tolist() == [3, 1, 4, 2]
    assert len(merge_touches([])) == 0
    assert merged.end_ns == 9
    assert no_touches().end_ns == 0
    assert merged.stretched(0.5).time_ns.tolist() == [0, 2, 2, 4]


@pytest.mark.parametrize(
    ("recording", "events", "phases"),
    [
        (Recording(HERE, events="e", phases="p"), None, Recording(HERE, events="e")),
        (Recording(HERE, phases="p"), None, None),
        (Recording(HERE, touches="t", events="e", phases="p"),
         Recording(HERE, touches="t", phases="p"), Recording(HERE, touches="t", events="e")),
        (Recording(HERE, observed="o", events="e"), Recording(HERE, observed="o"),
         Recording(HERE, observed="o", events="e")),
    ],
)  # fmt: skip
def test_a_recording_goes_once_nothing_of_it_is_left(recording, events, phases):
    assert recording.without_events() == events
    assert recording.without_phases() == phases


def test_a_scenario_lasts_as_long_as_what_happens_in_it():
    made = Scenario("s", "s", GUEST, duration_ns=10)
    assert made.lasting(10) is made
    assert made.lasting(11).duration_ns == 11
    assert made.with_sweeps((Sweep(5, 0, 0, 1, lasts_ns=9),)).duration_ns == 14
    assert made.with_sweeps((Sweep(5, 0, 0, 1, lasts_ns=5),)).duration_ns == 10
    assert made.with_sweeps(()).duration_ns == 10


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [
        ({"vcpus": 1}, True), ({"vcpus": 0}, False), ({"vcpus": 255}, True),
        ({"vcpus": 256}, False), ({"maxphyaddr": 32}, True),
        ({"maxphyaddr": 31}, False), ({"maxphyaddr": 52}, True),
        ({"maxphyaddr": 53}, False), ({"noncoherent_dma": 0}, True),
        ({"noncoherent_dma": -1}, False), ({"cpu_mhz": 100}, True), ({"cpu_mhz": 99}, False),
        ({"cpu_mhz": 100_000}, True), ({"cpu_mhz": 100_001}, False),
        ({"memory_bytes": 4096}, True), ({"memory_bytes": 4095}, False),
        ({"memory_bytes": 0}, False), ({"ignore_guest_pat": False, "self_snoop": True}, True),
        ({"ignore_guest_pat": False, "self_snoop": False}, False),
        ({"self_snoop": False}, True), ({"pairs": 9}, False), ({"host_level": 1}, True),
        ({"host_level": 0}, False), ({"host_level": 3}, True), ({"host_level": 4}, False),
    ],
)  # fmt: skip
def test_numbers_that_a_guest_can_have(changes, is_good):
    small = replace(GUEST, regions=(Region("RAM", RegionKind.RAM, 0, 1 << 32),), self_snoop=True)
    problems = list(machine_problems(replace(small, **changes)))
    assert (not problems) is is_good


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [({"pairs": 0}, True), ({"pairs": -1}, False), ({"memory_bytes": 0}, True),
     ({"memory_bytes": 1}, False), ({"pairs": 10}, True), ({"pairs": 10_000}, False)],
)  # fmt: skip
def test_numbers_that_a_real_machine_can_have(changes, is_good):
    assert (not list(machine_problems(replace(HOST, **changes)))) is is_good


def spans(*rows):
    return [Region(name, RegionKind.RAM, start, end) for name, start, end in rows]


@pytest.mark.parametrize(
    ("regions", "wrong"),
    [
        (spans(("a", 0, 0x1000), ("b", 0x1000, 0x2000)), []),
        (spans(("a", 0, 0x2000), ("b", 0x1000, 0x3000)), [1]),
        (spans(("b", 0x1000, 0x3000), ("a", 0, 0x2000)), [0]),
        (spans(("a", 0, 1 << 36)), []),
        (spans(("a", 0, (1 << 36) + 0x1000)), [0]),
        (spans(("a", 0x1000, 0x1000)), [0]),
        (spans(("a", -0x1000, 0x1000)), [0]),
        (spans(("a", 0x800, 0x1000)), [0]),
        (spans(("a", 0, 0x1800)), [0]),
        (spans((" ", 0, 0x1000)), [0]),
        ([], [None]),
    ],
)
def test_regions_that_a_machine_can_have(regions, wrong):
    assert [problem.region for problem in region_problems(regions, 36)] == wrong


def test_a_machine_has_at_most_so_many_regions():
    many = spans(*((f"r{n}", n << 12, (n + 1) << 12) for n in range(1001)))
    assert not list(region_problems(many[:1000], 36))
    assert [problem.region for problem in region_problems(many, 36)] == [None]


def test_a_real_machine_seen_as_a_guest_gets_one_device_at_the_start_and_loses_it_again():
    note = Event(0, EventKind.NOTE, text="x")
    later = Event(5, EventKind.NOTE, text="y")
    host = Scenario(
        "h", "h", replace(HOST, noncoherent_dma=0, memory_bytes=0), (note, later), duration_ns=9
    )
    guest = as_guest(host)
    assert [e.kind for e in guest.events] == [EventKind.NOTE, EventKind.DMA_ATTACH, EventKind.NOTE]
    assert guest.machine.memory_bytes == 4096
    assert is_seen_as_guest(guest)
    assert not is_seen_as_guest(host)
    back = as_host(guest)
    assert back.events == host.events
    assert not is_seen_as_guest(back)
    assert back.tags == host.tags
    with_device = as_guest(replace(host, machine=replace(HOST, noncoherent_dma=1)))
    assert with_device.events == host.events
    attached = replace(host, events=(Event(3, EventKind.DMA_ATTACH),))
    assert as_guest(attached).events == attached.events


def test_a_region_is_found_by_its_pages():
    spec = MachineSpec(1, 4096, tuple(spans(("a", 0x1000, 0x3000), ("b", 0x4000, 0x5000))))
    names = [(r and r.name) for r in map(spec.region_at, range(6))]
    assert names == [None, "a", "a", None, "b", None]
    assert [r.name for r in spec.regions_in(3, 4)] == []
    assert [r.name for r in spec.regions_in(2, 5)] == ["a", "b"]
    assert [r.name for r in spec.regions_in(2, 4)] == ["a"]
    assert spec.end_gfn == 5
    assert replace(spec, regions=()).end_gfn == 0
