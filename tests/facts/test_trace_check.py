"""Observed leaves against a run: what differs, when it stands, and what would explain it."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.facts.trace.mismatch_causes import Cause, mismatch_causes
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.scenario import Event, EventKind, MachineSpec, Region, RegionKind, Scenario
from mtrrviz.scenario.observed import STANDING_NS, ObservedLeaves, none_observed
from mtrrviz.sim import simulate

UC, WP, WB = MemoryType.UC, MemoryType.WP, MemoryType.WB
GIB = 1 << 30
CR0_ON = Event(0, EventKind.MOV_CR0, 0, 0, 0x8005_0033)


def leaves(*rows):
    """Return observed leaves of rows (born, died, gfn, vcpu, bits)."""
    born, died, gfn, vcpu, bits = (list(column) for column in zip(*rows, strict=True))
    one = np.ones(len(rows), np.uint8)
    return ObservedLeaves(
        np.array(born, np.int64),
        np.array(died, np.int64),
        np.array(gfn, np.uint64),
        one,
        np.array(vcpu, np.uint8),
        np.array(bits, np.uint8),
        np.arange(1, len(rows) + 1, dtype=np.uint32),
    )


def default_type(time_ns, kind, vcpu=0):
    return Event(time_ns, EventKind.WRMSR, vcpu, DEFTYPE, 0x800 | kind)


def scenario(*rows, events=(), devices=1, vcpus=2):
    region = Region("RAM", RegionKind.RAM, 0, GIB)
    machine = MachineSpec(vcpus, GIB, (region,), noncoherent_dma=devices)
    caches_on = [replace(CR0_ON, vcpu=vcpu) for vcpu in range(vcpus)]
    return Scenario(
        "made", "made", machine, (*caches_on, *events), observed=leaves(*rows), duration_ns=10**9
    )


def causes(made, policy="per-vcpu"):
    return [Cause(cause) for cause in mismatch_causes(simulate(made, policy))]


ON = (default_type(1000, WB), default_type(1000, WB, 1))


def test_nothing_observed_costs_and_says_nothing():
    run = simulate(replace(scenario((0, 1, 0, 0, 0)), observed=none_observed()), "per-vm")
    assert (trace_check(run).compared, trace_check(run).mismatch_count) == (0, 0)
    assert len(mismatch_causes(run)) == 0


def test_an_event_at_the_time_of_a_leaf_is_before_it():
    rows = ((999, STANDING_NS, 1, 0, ept_bits(UC, 0)), (1000, STANDING_NS, 2, 0, ept_bits(WB, 0)))
    assert trace_check(simulate(scenario(*rows, events=ON), "per-vcpu")).mismatch_count == 0


def test_leaves_that_differ_stand_until_the_trace_shows_their_end():
    wrong = ept_bits(WP, 0)
    made = scenario(
        (2000, 5000, 1, 0, wrong),
        (2000, STANDING_NS, 2, 0, ept_bits(WB, 0)),
        (3000, STANDING_NS, 3, 0, wrong),
        events=ON,
    )
    check = trace_check(simulate(made, "per-vcpu"))
    assert [check.standing(t).tolist() for t in (1999, 2000, 3000, 4999, 5000)] == [
        [], [0], [0, 2], [0, 2], [2],
    ]  # fmt: skip


def test_a_reserved_type_is_named():
    assert causes(scenario((2000, 9000, 1, 0, 2 << 3), events=ON)) == [Cause.RESERVED]


@pytest.mark.parametrize(("born", "cause"), [(1500, Cause.BEFORE), (900_000, Cause.BAR)])
def test_a_fault_that_raced_with_the_last_write(born, cause):
    made = scenario((born, STANDING_NS, 1, 0, ept_bits(UC, 0)), vcpus=1)
    assert causes(replace(made, events=(CR0_ON, ON[0]))) == [cause]


def test_a_fault_races_with_the_last_write_and_not_with_one_before():
    late = default_type(900_000, UC)
    made = scenario((900_500, STANDING_NS, 1, 0, ept_bits(WB, 0)), vcpus=1)
    assert causes(replace(made, events=(CR0_ON, default_type(1000, WB), late))) == [Cause.BEFORE]


def test_a_fault_that_is_printed_before_the_write_that_it_obeys():
    made = scenario((900, STANDING_NS, 1, 0, ept_bits(WB, 0)), vcpus=1)
    assert causes(replace(made, events=(CR0_ON, ON[0]))) == [Cause.AFTER]


def test_another_vcpus_registers():
    lagging = (default_type(1000, WB), default_type(1000, WP, 1))
    made = scenario((10**6, STANDING_NS, 1, 1, ept_bits(WB, 0)), events=lagging)
    assert causes(made) == [Cause.OTHER_VCPU]
    assert causes(made, "per-vm") == []


def test_no_vcpus_mtrrs_are_the_cause_where_none_are_asked():
    lagging = (default_type(1000, WB), default_type(1000, WP, 1))
    made = scenario((10**6, STANDING_NS, 1, 1, ept_bits(WP, 0)), events=lagging, devices=0)
    assert causes(made) == [Cause.DMA]


def test_devices_that_came_or_went():
    ignored = scenario((10**6, STANDING_NS, 1, 0, ept_bits(WB, 1)), events=ON)
    assert causes(ignored) == [Cause.NO_DMA]
    heeded = scenario((10**6, STANDING_NS, 1, 0, ept_bits(WB, 0)), events=ON, devices=0)
    assert causes(heeded) == [Cause.DMA]


def test_what_looks_like_a_bar_and_what_differs_in_ipat_alone():
    bar = scenario((10**6, STANDING_NS, 1, 0, ept_bits(UC, 0)), events=ON)
    assert causes(bar) == [Cause.BAR]
    other = scenario(
        (10**6, STANDING_NS, 1, 0, ept_bits(WP, 1)),
        events=(default_type(1000, WP), default_type(1000, WP, 1)),
    )
    assert causes(other) == [Cause.IPAT]


def test_every_cause_has_words():
    assert all(cause.words and cause.story.endswith(".") for cause in Cause)


def test_each_stretch_between_events_has_its_own_state():
    events = (*ON, default_type(10**7, WP), default_type(10**7, WP, 1))
    rows = [(t, STANDING_NS, t, 0, 2 << 3) for t in (10**6, 5 * 10**6, 2 * 10**7)]
    made = scenario(*rows, events=events)
    assert trace_check(simulate(made, "per-vcpu")).model_bits.tolist() == [
        ept_bits(WB, 0), ept_bits(WB, 0), ept_bits(WP, 0),
    ]  # fmt: skip
    assert causes(made) == [Cause.RESERVED] * 3
