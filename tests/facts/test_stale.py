"""A leaf is stale if a fault now, by the vCPU asked about, would make any page of it otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.analysis.checks.checking import check
from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.analysis.explaining.page_facts import page_facts
from mtrrviz.core.ept import ept_bits, has_ipat
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.policies import policy_ids
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.stale import is_stale, stale_groups, stale_rows
from mtrrviz.scenario import Event, EventKind, RegionKind
from mtrrviz.sim import State, simulate
from tests.sim.made import DEFTYPE, ON_UC, ON_WB, machine, ram, scenario, wrmsr
from tests.sim.strategies import EDGES, LAST_NS, scenarios

policies = st.sampled_from([*policy_ids(), "per-vcpu:sdm-lookup", "per-vm:sdm-lookup"])
BLOCK = 0x400
"""The first page of a block of 2 MiB."""
LAST = BLOCK + 511


def on(time_ns: int) -> tuple[Event, ...]:
    """Return the writes by which two vCPUs turn on caches and MTRRs."""
    caches = tuple(Event(time_ns, EventKind.MOV_CR0, vcpu, 0, 0x8000_0011) for vcpu in (0, 1))
    return (*caches, *(wrmsr(time_ns, DEFTYPE, ON_WB, vcpu) for vcpu in (0, 1)))


def slow_stale(state: State, vcpu: int) -> list[int]:
    """Ask the machine about the pages of each live leaf at which an answer can change."""
    leaves, found = state.run.leaves, []
    starts = state.machine.fault_map(vcpu).starts.tolist()
    for row in state.live_rows.tolist():
        first, pages = int(leaves.first_gfn[row]), int(leaves.pages[row])
        probes = {first, first + pages - 1, *EDGES, *starts, *(start - 1 for start in starts)}
        inside = (gfn for gfn in probes if first <= gfn < first + pages)
        if any(slow_bits(state, vcpu, gfn) != int(leaves.bits[row]) for gfn in inside):
            found.append(row)
    return found


def slow_bits(state: State, vcpu: int, gfn: int) -> int:
    region = state.run.scenario.machine.region_at(gfn)
    is_bar = region is not None and region.kind is RegionKind.PASSTHROUGH
    return ept_bits(*state.machine.leaf(vcpu, gfn, is_bar))


@settings(max_examples=80)
@given(scenarios(), policies, st.integers(0, LAST_NS + 10), st.integers(0, 2))
def test_stale_leaves_are_those_that_differ_on_any_page(scenario, policy, time_ns, vcpu):
    vcpu %= scenario.machine.vcpus
    state = simulate(scenario, policy).at(time_ns)
    if expected_at(state, vcpu).pagewise is not None:
        return
    expected = slow_stale(state, vcpu)
    assert stale_rows(state, vcpu).tolist() == expected
    assert [row for row in state.live_rows.tolist() if is_stale(state, vcpu, row)] == expected
    groups = stale_groups(state, vcpu)
    assert sorted(row for group in groups for row in group.rows.tolist()) == expected
    for group in groups:
        assert (state.run.leaves.bits[group.rows] == group.has).all()
        assert group.has not in group.wants


def straddling(gfn: int = LAST) -> State:
    """Return a state in which vCPU 0 alone has a page in or near vCPU 1's leaf of 2 MiB as UC."""
    pair = (wrmsr(1, 0x200, gfn << 12), wrmsr(1, 0x201, 0xF_FFFF_F800))
    run = simulate(scenario(machine(), (*pair, *on(2)), (10, BLOCK, 1)), "per-vcpu")
    assert run.leaves.level.tolist() == [2]
    return run.at(10)


def test_one_other_page_at_the_end_makes_a_huge_leaf_stale() -> None:
    state = straddling()
    assert stale_rows(state, 1).tolist() == []
    assert stale_rows(state, 0).tolist() == [0]
    (group,) = stale_groups(state, 0)
    assert (group.has, group.wants) == (ept_bits(MemoryType.WB, 0), (ept_bits(MemoryType.UC, 0),))


@pytest.mark.parametrize(
    ("gfn", "rows"), [(BLOCK - 1, []), (BLOCK, [0]), (LAST, [0]), (LAST + 1, [])]
)
def test_only_pages_of_the_leaf_itself_count(gfn: int, rows: list[int]) -> None:
    assert stale_rows(straddling(gfn), 0).tolist() == rows


def test_every_page_of_a_straddling_leaf_is_explained_as_stale() -> None:
    state = straddling()
    assert all(explain(state, gfn, 0).stale for gfn in (BLOCK, LAST))
    assert not any(explain(state, gfn, 1).stale for gfn in (BLOCK, LAST))
    says = {gfn: page_facts(state, gfn, 0).facts[-1].value for gfn in (BLOCK, LAST)}
    assert "faults on some of its pages differ" in says[BLOCK]
    assert "a fault would give UC" in says[LAST]


def test_the_rule_counts_a_straddling_leaf() -> None:
    titles = [problem.title for problem in check(straddling())]
    assert any(t.startswith("1 WB leaf where a fault by vCPU 0 would now give UC") for t in titles)


@pytest.mark.parametrize("policy", [*policy_ids(), "per-vcpu:sdm-lookup"])
def test_a_device_is_never_stale_whatever_mtrrs_say_of_its_pages(policy: str) -> None:
    holes = (wrmsr(2, 0x20E, 0), wrmsr(2, 0x20F, 0x1800))  # every other page is UC
    bar = ram(0x4000_0000, 0x5000_0000, RegionKind.PASSTHROUGH)
    spec = machine(ram(0, 0x4000_0000), bar, vcpus=1)
    rows = ((10, 0x4_0000), (11, 0x4_0200), (12, 0x10))
    caches = Event(0, EventKind.MOV_CR0, 0, 0, 0x8000_0011)
    run = simulate(scenario(spec, (caches, wrmsr(1, DEFTYPE, ON_WB), *holes), *rows), policy)
    state = run.at(100)
    assert stale_rows(state, 0).tolist() == []
    mmio = ept_bits(*run.policy.mmio_leaf())
    assert expected_at(state, 0).at(0x4_0000) == mmio
    assert has_ipat(run.leaves.bits[:1])[0] == bool(mmio & 0x40)


def test_a_leaf_may_be_stale_for_one_vcpu_and_not_for_another() -> None:
    story = scenario(
        machine(), (*on(1), wrmsr(20, DEFTYPE, ON_UC, 1)), (30, 0x10), (31, 0x4_0000, 1)
    )
    state = simulate(story, "per-vcpu").at(100)
    assert stale_rows(state, 0).tolist() == [1]
    assert stale_rows(state, 1).tolist() == [0]
    titles = [p.title for p in check(state) if p.rule == "stale-leaves"]
    assert sorted(title.split(",")[0] for title in titles) == [
        "1 UC leaf where a fault by vCPU 0 would now give WB",
        "1 WB leaf where a fault by vCPU 1 would now give UC",
    ]
    (only,) = [p for p in check(state, 1) if p.rule == "stale-leaves"]
    assert only.where.vcpus == (1,)


def test_a_change_counts_from_its_very_time() -> None:
    story = scenario(machine(), (*on(1), wrmsr(20, DEFTYPE, ON_UC, 1)), (30, 0x4_0000, 1))
    run = simulate(story, "per-vcpu")
    assert [stale_rows(run.at(time), 0).tolist() for time in (29, 30)] == [[], [0]]


@pytest.mark.parametrize(("born_ns", "is_blamed"), [(29, True), (30, False)])
def test_a_write_is_blamed_for_older_leaves_only(born_ns: int, is_blamed: bool) -> None:
    """A write comes before the touches of its time: what those made, it did not leave behind."""
    pair = (wrmsr(2, 0x200, 0x4000_0000), wrmsr(2, 0x201, 0xF_FFF0_0800))
    moved = wrmsr(30, 0x200, 0x5000_0000)
    events = (*pair, *on(3), wrmsr(20, DEFTYPE, ON_UC, 1), moved)
    state = simulate(scenario(machine(), events, (born_ns, 0x4_0000, 1)), "per-vcpu").at(100)
    (problem,) = [p for p in check(state, 0) if p.rule == "stale-leaves"]
    assert ("left by vCPU 0's write of IA32_MTRR_PHYSBASE0" in problem.title) == is_blamed
