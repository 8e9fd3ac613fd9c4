"""The built-in scenarios of single effects show the effects that their titles promise."""

from __future__ import annotations

import pytest

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.policies import policy_ids
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.facts.sdm_difference import sdm_difference_for
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from tests.narrow import there

UC, WB = ept_bits(MemoryType.UC, 0), ept_bits(MemoryType.WB, 0)
WB_IGNORE_PAT = ept_bits(MemoryType.WB, 1)
SECOND = 1_000_000_000


def gfn(mib):
    return mib << 20 >> PAGE_SHIFT


def end_of(name, policy):
    scenario = open_scenario(name)
    return simulate(scenario, policy).at(scenario.duration_ns)


def bits_at(state, mib):
    """Return the entry bits at an address, None without a leaf."""
    row = state.leaf_row(gfn(mib))
    return None if row is None else int(state.run.leaves.bits[row])


def fault_bits(state, mib, vcpu=0):
    """Return what the next fault would get."""
    return ept_bits(*state.machine.leaf(vcpu, gfn(mib)))


def test_a_lagging_ap_makes_uc_leaves_in_shared_pages_under_per_vcpu_only():
    own, shared = end_of("lagging-ap", "per-vcpu"), end_of("lagging-ap", "per-vm")
    assert own.machine.mtrr(0).enabled
    assert not own.machine.mtrr(1).enabled
    assert bits_at(own, 20) == UC
    assert bits_at(shared, 20) == WB
    # vCPU 0 would get WB there, but the leaf is there already: it touched it and did not fault.
    assert fault_bits(own, 20) == WB
    assert int(own.run.leaves.vcpu[own.leaf_row(gfn(20))]) == 1
    # What vCPU 0 had mapped before is as it wanted it, and what it maps after as well.
    assert bits_at(own, 4) == bits_at(own, 40) == WB


def test_the_lagging_ap_scenario_stops_within_the_window():
    state = end_of("lagging-ap", "per-vcpu")
    writes = [e for e in state.run.scenario.events if e.writes_msr and e.vcpu == 1]
    assert not writes


def test_an_ap_only_change_is_ignored_by_per_vm_for_good():
    own, shared = end_of("ap-only-change", "per-vcpu"), end_of("ap-only-change", "per-vm")
    assert bits_at(own, 40) == UC
    assert bits_at(shared, 40) == WB
    assert fault_bits(shared, 40, vcpu=1) == WB
    assert shared.machine.mtrr(1).memory_type(gfn(40)) is MemoryType.UC
    assert own.run.zaps.vcpu.tolist()[-1] == 1
    assert 1 not in shared.run.zaps.vcpu.tolist()


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ("per-vcpu", WB_IGNORE_PAT),
        ("per-vm", WB_IGNORE_PAT),
        ("kvm-6.7", WB),
        ("cd-toggle", UC),
        ("serialized", UC),
        ("fine-grained", UC),
    ],
)
def test_wb_leaves_made_under_cd_outlive_it_unless_the_edge_zaps(policy, left):
    scenario = open_scenario("wb-under-cd")
    run = simulate(scenario, policy)
    during, after = run.at(SECOND * 7 // 10), run.at(scenario.duration_ns)
    assert during.machine.cd(0)
    assert not after.machine.cd(0)
    assert bits_at(during, 40) in (WB, WB_IGNORE_PAT)
    assert fault_bits(after, 40) == UC
    assert bits_at(after, 40) == left


@pytest.mark.parametrize(
    "policy", [name for name in policy_ids() if not name.startswith(("kvm-6.1", "self"))]
)
def test_a_moved_range_leaves_its_old_place_stale(policy):
    state = end_of("range-moved", policy)
    assert fault_bits(state, 20) == WB
    assert bits_at(state, 20) == UC
    assert bits_at(state, 34) == fault_bits(state, 34) == UC


def test_a_moved_range_is_nothing_to_a_kvm_without_mtrrs():
    state = end_of("range-moved", "kvm-6.11")
    assert bits_at(state, 20) == bits_at(state, 34) == WB


def test_kvm_and_the_manual_differ_in_three_spots_and_agree_once_uc_is_lower():
    walk, manual = (
        simulate(open_scenario("kvm-and-manual"), policy)
        for policy in ("per-vcpu", "per-vcpu:sdm-lookup")
    )
    places = (13, 21, 35, 45, 2)
    times = (SECOND // 2, SECOND)
    types = {
        run.policy.id: [
            there(bits_at(run.at(time_ns), mib)) >> 3 for time_ns in times for mib in places
        ]
        for run in (walk, manual)
    }
    wt, wb, uc = int(MemoryType.WT), int(MemoryType.WB), int(MemoryType.UC)
    assert types["per-vcpu"] == [wb, uc, wb, wt, wb, wb, uc, wb, wt, uc]
    assert types["per-vcpu:sdm-lookup"] == [uc, wb, wb, wt, wb, wb, wb, wb, wt, uc]
    unlike = there(sdm_difference_for(walk.at(SECOND // 2).machine, 0, walk.scenario.machine))
    assert [unlike.words(gfn(mib), gfn(mib) + 1) for mib in places] == [
        "UC", "WB", "undefined", "", ""
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["kvm-and-manual", "lagging-ap", "ap-only-change", "wb-under-cd", "range-moved"]
)
def test_every_effect_is_explained_where_it_happens(name):
    scenario = open_scenario(name)
    notes = [event for event in scenario.events if event.kind is EventKind.NOTE]
    assert notes
    assert all(event.text for event in notes)
    assert all(phase.text for phase in scenario.phases)
    assert scenario.view.policy != scenario.view.compared
