"""Scenarios that are built in code: what is wrong is refused at once, and nothing is lost."""

# Wrong types are the point.
# pyright: reportArgumentType=false

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Aps, Phase, Scenario
from mtrrviz.scenario.observed import none_observed
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import Access, Sweep, Touches, no_touches
from mtrrviz.sim.simulate import simulate

RAM = Region("RAM", RegionKind.RAM, 0, 1 << 24)
MACHINE = MachineSpec(2, 1 << 24, (RAM,), noncoherent_dma=1)
ON = Event(1_000, EventKind.WRMSR, 0, DEFTYPE, 0xC06)
NOTE = EventKind.NOTE


def made(**parts):
    return Scenario("made", "Made", MACHINE, **parts)


def test_a_write_after_the_duration_given_counts():
    assert len(simulate(made(events=(ON,)), "per-vcpu").zaps) == 1
    assert made(events=(ON,)).duration_ns == 1_000
    assert made(sweeps=(Sweep(5, 0, 0, 1, lasts_ns=9),), duration_ns=3).duration_ns == 14
    assert made(events=(ON,), duration_ns=2_000).duration_ns == 2_000
    assert made(recorded=Touches([7_000], [0], [0], [0])).duration_ns == 7_000


def test_a_duration_that_had_to_grow_is_not_the_modelled_one():
    assert made(events=(ON,), duration_ns=1_000, duration_is_modelled=True).duration_is_modelled
    assert not made(events=(ON,), duration_ns=999, duration_is_modelled=True).duration_is_modelled


@pytest.mark.parametrize(
    ("make", "place", "expected"),
    [
        (lambda: Event(0.5, NOTE), "event.time_ns", "whole number of nanoseconds"),
        (lambda: Event(-1, NOTE), "event.time_ns", "0 to"),
        (lambda: Event(math.nan, NOTE), "event.time_ns", "whole number"),
        (lambda: Event(True, NOTE), "event.time_ns", "whole number"),
        (lambda: Event(1 << 63, NOTE), "event.time_ns", "0 to"),
        (lambda: Event(0, "wrmsrr", 0, DEFTYPE), "event.kind", "one of wrmsr, vmm-wrmsr"),
        (lambda: Event(0, NOTE, -1), "event.vcpu", "0 or more"),
        (lambda: Event(0, EventKind.WRMSR, 0, 0x10), "event.register", "0x200 to 0x23f"),
        (lambda: Event(0, EventKind.WRMSR, 0, "0x2ff"), "event.register", "MTRR or PAT"),
        (lambda: Event(0, EventKind.MOV_CR0, 0, DEFTYPE), "event.register", "writes no MSR"),
        (lambda: Event(0, EventKind.WRMSR, 0, DEFTYPE, 1 << 64), "event.value", "64-bit"),
        (lambda: Event(0, NOTE, text=5), "event.text", "text"),
        (lambda: Phase(0.5, "boot"), "phase.start_ns", "whole number"),
        (lambda: Phase(0, "boot", "some"), "phase.aps", "one of none, concurrent, serialised"),
        (lambda: Sweep(0, 0, 0, 0), "sweep.pages", "at least one page"),
        (lambda: Sweep(0, -1, 0, 1), "sweep.vcpu", "0 or more"),
        (lambda: Sweep(0, 0, 0, 1, 7), "sweep.access", "one of 0, 1, 2"),
        (lambda: Region("a", "roam", 0, 1), "region.kind", "one of ram, rom"),
        (lambda: Region("a", "ram", 0, 4096.0), "region.end", "number of bytes"),
        (lambda: replace(MACHINE, vcpus=1.5), "machine.vcpus", "an integer"),
        (lambda: replace(MACHINE, kind="gast"), "machine.kind", "one of guest, host"),
        (lambda: made(duration_ns=1.5), "duration_ns", "whole number of nanoseconds"),
        (lambda: made(events=(ON, replace(ON, time_ns=999))), "events[1].time_ns", "not go back"),
        (lambda: made(events=(ON, replace(ON, vcpu=2))), "events[1].vcpu", "vCPU below 2"),
        (lambda: made(events=[ON, "wrmsr"]), "events[1]", "an Event"),
        (lambda: made(phases=(Phase(1, "a"), Phase(0, "b"))), "phases[1].start_ns", "not go back"),
        (lambda: made(sweeps=(Sweep(0, 2, 0, 1),)), "sweeps[0].vcpu", "vCPU below 2"),
        (lambda: made(sweeps=(Sweep(0, 0, 1 << 40, 1),)), "sweeps[0].first_gfn", "46 bits"),
        (lambda: Touches([0.5], [0], [0], [0]), "touches.time_ns", "whole numbers"),
        (lambda: Touches([0], [-1], [0], [0]), "touches.gfn", "fit uint64"),
        (lambda: Touches([0], [0], [256], [0]), "touches.vcpu", "fit uint8"),
        (lambda: Touches([0, 1], [0], [0], [0]), "touches", "equal length"),
        (lambda: Touches([1, 0], [0] * 2, [0] * 2, [0] * 2), "touches.time_ns[1]", "not go back"),
        (lambda: made(recorded=Touches([0], [0], [2], [0])), "recorded[0].vcpu", "below 2"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_place_and_what_was_expected(make, place, expected):
    with pytest.raises(ScenarioError) as caught:
        make()
    assert (caught.value.file, caught.value.place) == ("", place)
    assert expected in caught.value.expected
    assert str(caught.value).startswith(f"{place}: ")
    assert caught.value.value is not None
    assert isinstance(caught.value, MtrrvizError), "as the command line catches it"
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)


def test_an_impossible_machine_is_refused_where_it_is_used():
    overlapping = replace(MACHINE, regions=(RAM, Region("ROM", RegionKind.ROM, 4096, 8192)))
    with pytest.raises(ScenarioError, match=r"machine\.regions: 'RAM' and 'ROM' overlap at 0x1000"):
        Scenario("made", "Made", overlapping)
    with pytest.raises(ScenarioError, match=r"machine\.vcpus: 0 vCPUs: expected 1 to 255"):
        Scenario("made", "Made", replace(MACHINE, vcpus=0))


def test_a_quirk_that_the_host_keeps_cannot_be_disabled():
    event = Event(0, EventKind.DISABLE_IGNORE_GUEST_PAT)
    assert made(events=(event,)).events == (event,)
    with pytest.raises(ScenarioError, match=r"events\[0\]\.kind.*self_snoop = true"):
        Scenario("made", "Made", replace(MACHINE, self_snoop=False), events=(event,))


def test_words_and_numbers_of_other_types_become_what_they_mean():
    event = Event(np.int64(5), "wrmsr", np.uint8(1), np.uint32(DEFTYPE), np.uint64(0xC06))
    assert event == Event(5, EventKind.WRMSR, 1, DEFTYPE, 0xC06)
    assert {type(event.time_ns), type(event.vcpu), type(event.value)} == {int}
    assert event.kind is EventKind.WRMSR
    assert Phase(0, "boot", "serialised").aps is Aps.SERIALISED
    assert Sweep(0, 0, 0, 1, 2).access is Access.EXECUTE
    assert Region("a", "rom", 0, 4096).kind is RegionKind.ROM
    assert made(events=[ON]).events == (ON,)


def columns_of(table):
    return [(f, getattr(table, f)) for f in table.__struct_fields__ if f != "ranges"]


@pytest.fixture(scope="module")
def run():
    sweeps = (Sweep(0, 0, 0, 16), Sweep(2_000, 1, 8, 16))
    return simulate(made(events=(ON,), sweeps=sweeps), "per-vcpu")


def test_no_column_that_is_handed_out_can_be_written(run):
    tables = [run.leaves, run.zaps, run.scenario.touches, no_touches(), none_observed()]
    columns = [column for table in tables for column in columns_of(table)]
    columns += [("cycles", run.at_lock.cycles), ("partial", run.zaps.partial)]
    columns += [("by_gfn", rows) for rows in run.leaves.by_gfn]
    assert len(columns) > 30
    for name, column in columns:
        assert not column.flags.writeable, name
    with pytest.raises(ValueError, match="read-only"):
        run.leaves.bits[0] = 0


def test_the_array_that_a_column_was_made_of_stays_its_owners():
    times = np.zeros(1, np.int64)
    Touches(times, np.zeros(1, np.uint64), *[np.zeros(1, np.uint8)] * 2)
    times[0] = 1


def test_what_holds_much_is_shown_short(run):
    shown = [run, run.at(5), run.leaves, run.zaps, run.scenario, run.scenario.touches, run.plan]
    shown += [run.snapshots, run.at_lock, run.policy]
    for value in shown:
        assert len(repr(value)) < 200, type(value)
    assert repr(run) == "<Run 'made' under per-vcpu: 1 zap, 2 leaves>"
    assert "2 vCPUs, 16 MiB, 1 event, 32 touches" in repr(run.scenario)
    assert repr(run.leaves).startswith("<LeafTable: 2 rows of first_gfn, level,")
