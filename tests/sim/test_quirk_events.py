"""The VMM disables a quirk while the guest runs: what is there stays, what comes is different."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.policies import policy_ids
from mtrrviz.scenario import Event, EventKind
from mtrrviz.sim import ALIVE, simulate
from mtrrviz.sim.replay import apply_event, new_machine
from tests.sim.made import machine, scenario
from tests.sim.slow import SlowSimulation, assert_agrees

CD_NW, GUEST_PAT = EventKind.DISABLE_CD_NW_QUIRK, EventKind.DISABLE_IGNORE_GUEST_PAT
WB, WB_IPAT, UC_IPAT = 0x30, 0x70, 0x40
#: vCPU 0 runs with CR0.CD=1 from reset; the quirk goes at 5, its caches come on at 8.
CD_STORY = (Event(5, CD_NW), Event(8, EventKind.MOV_CR0, 0, 0, 0x11))
CD_TOUCHES = ((1, 0), (6, 0), (7, 512), (9, 1024))


def run_of(made, policy):
    run = simulate(made, policy)
    assert_agrees(run, SlowSimulation(made, policy).run())
    return run


def test_leaves_under_cd_are_uc_from_then_on_and_the_edge_zaps():
    """The first block keeps its WB leaf until CD is cleared, which zaps only without the quirk."""
    run = run_of(scenario(machine(), CD_STORY, *CD_TOUCHES), "kvm-6.7")
    assert run.leaves.bits.tolist()[:2] == [WB, UC_IPAT]
    assert run.leaves.born_ns.tolist()[:2] == [1, 7]
    assert run.leaves.died_ns.tolist()[:2] == [8, 8]
    assert run.zaps.event.tolist() == [1]
    kept = run_of(scenario(machine(), CD_STORY[1:], *CD_TOUCHES), "kvm-6.7")
    assert len(kept.zaps) == 0
    assert kept.leaves.died_ns.tolist()[0] == ALIVE


@pytest.mark.parametrize("policy", policy_ids())
def test_disabling_zaps_nothing_by_itself(policy):
    made = scenario(machine(), (Event(5, CD_NW), Event(5, GUEST_PAT)), (1, 0), (6, 0))
    run = run_of(made, policy)
    assert len(run.zaps) == 0
    assert run.leaves.died_ns.tolist() == [ALIVE]


def test_guest_pat_counts_without_devices_from_then_on_and_devices_zap_no_more():
    events = (Event(5, GUEST_PAT), Event(8, EventKind.DMA_ATTACH), Event(9, EventKind.DMA_DETACH))
    spec = machine(dma=0)
    run = run_of(scenario(spec, events, (1, 0), (6, 512)), "kvm-6.16")
    assert run.leaves.bits.tolist() == [WB_IPAT, WB]
    assert len(run.zaps) == 0
    assert len(run_of(scenario(spec, events[1:], (1, 0)), "kvm-6.16").zaps) == 2


def test_a_kvm_without_the_quirk_goes_on_as_it_was():
    spec = machine(dma=0)
    run = run_of(scenario(spec, (Event(5, GUEST_PAT),), (1, 0), (6, 512)), "kvm-6.11")
    assert run.leaves.bits.tolist() == [WB_IPAT, WB_IPAT]


def test_a_host_without_self_snoop_refuses():
    kvm = new_machine(replace(machine(dma=0), self_snoop=False), "kvm-6.16")
    assert apply_event(kvm, Event(5, GUEST_PAT)) == ()
    assert kvm.ignore_guest_pat


def test_the_state_at_a_time_knows_the_quirks_of_then():
    run = run_of(scenario(machine(), (Event(5, CD_NW), Event(7, GUEST_PAT))), "kvm-6.16")
    states = [run.at(time_ns).machine for time_ns in (4, 5, 7)]
    assert [state.cd_nw_quirk for state in states] == [True, False, False]
    assert [state.ignore_guest_pat for state in states] == [True, True, False]


def test_events_of_the_vm_cost_no_vcpu_anything():
    """What a zap waits for the lock follows the vCPU's own register writes alone."""
    events = (Event(1, EventKind.MOV_CR0, 0, 0, 0x11), Event(8, EventKind.WRMSR, 0, 0x2FF, 0x806))
    others = (Event(2, GUEST_PAT), Event(3, EventKind.NOTE))
    plain = simulate(scenario(machine(), events, (7, 0)), "per-vcpu")
    more = simulate(scenario(machine(), (events[0], *others, events[1]), (7, 0)), "per-vcpu")
    assert plain.plan.traps == more.plan.traps == (2,)
