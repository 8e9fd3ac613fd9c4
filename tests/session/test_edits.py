"""Edits: what events they make, what they are called, and since when things differ."""

from __future__ import annotations

import pytest

from mtrrviz.core.msr.registers import CR0_CD, CR0_NW
from mtrrviz.facts.figures import figures
from mtrrviz.scenario import EventKind
from mtrrviz.session.edits import (
    STEP_NS,
    RegisterWrite,
    attach_dma,
    change_event,
    detach_dma,
    remove_event,
    set_cache_disable,
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


def test_removing_and_changing_an_event(made):
    assert remove_event(made, 0).scenario.events == made.events[1:]
    changed = change_event(made, 0, 0xC06)
    assert changed.scenario.events[0].value == 0xC06
    assert changed.label == "Change wrmsr at 0.000000 s to 0xc06"
    assert changed.since_ns == 5


def test_edits_leave_the_scenario_before_them_alone(made):
    before = made.events
    write_registers(made, 100, [0], [RegisterWrite(BASE, 6)])
    remove_event(made, 0)
    assert made.events is before


def test_edits_share_the_touches(made):
    assert attach_dma(made, 100).scenario.touches is made.touches
