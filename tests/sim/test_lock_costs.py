"""Where a boot's zaps happen and what they cost, and the parts of its time."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.core.costs.boot_time import BootParts, BootTime
from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.core.costs.lock_queue import LockRequest, run_burst
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.policies import get_policy
from mtrrviz.facts.boot.slow_touches import touches_by_type
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.generated.boots import generate_boot
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Aps, Phase, Scenario
from mtrrviz.scenario.touches import Touches
from mtrrviz.sim import simulate
from mtrrviz.sim.lock_costs import LockCosts, LockPlan, ZapRequest, plan_of
from mtrrviz.sim.lock_tables import table_history
from mtrrviz.sim.memtype_speed import platforms, slow_seconds, write_seconds
from mtrrviz.sim.zap_requests import replay_requests


def costs(scenario: Scenario, policy: str) -> LockCosts:
    return plan(scenario, policy).costs(LockModel())


def plan(scenario: Scenario, policy: str) -> LockPlan:
    return plan_of(scenario, get_policy(policy), replay_requests(scenario, policy))


@pytest.mark.parametrize(
    ("firmware", "policy", "bursts"),
    [
        ("ovmf", "per-vcpu", [2, 2, 2]),
        ("ovmf", "cd-toggle", [1, 2, 2, 2]),
        ("ovmf", "per-vm", []),
        ("seabios", "per-vcpu", []),
        ("seabios", "cd-toggle", [1]),
    ],
)
def test_bursts_are_those_of_the_boot(firmware: str, policy: str, bursts: list[int]) -> None:
    """Each burst has all APs, with as many requests each."""
    found = plan(open_scenario(f"{firmware}-8vcpu-16g"), policy).bursts
    assert [[len(requests) for requests in burst] for burst in found] == [[n] * 7 for n in bursts]


def test_generated_and_recorded_boots_meet_at_the_lock_alike() -> None:
    recorded = plan(open_scenario("ovmf-16vcpu-16g"), "cd-toggle")
    generated = plan(generate_boot("ovmf", 16, 16, touches=False), "cd-toggle")
    assert len(recorded.bursts) == len(generated.bursts) == 4
    waiting = [sum(one.faulters > 0 for one in p.occasions) for p in (recorded, generated)]
    # One caches-off of Linux's BSP comes just before the recorded mark of its phase.
    assert waiting == [31, 32]


@pytest.mark.parametrize("firmware", ["ovmf", "seabios"])
@pytest.mark.parametrize("policy", ["per-vcpu", "cd-toggle", "serialized", "slot-split"])
def test_generated_boots_cost_what_recorded_ones_do(firmware: str, policy: str) -> None:
    recorded = costs(open_scenario(f"{firmware}-16vcpu-16g"), policy).cycles.sum()
    generated = costs(generate_boot(firmware, 16, 16), policy).cycles.sum()
    assert generated == pytest.approx(recorded, rel=0.03)


@pytest.mark.parametrize("policy", ["per-vcpu", "slot-split"])
def test_zaps_of_a_run_are_requests_as_they_are(policy: str) -> None:
    run = simulate(open_scenario("ovmf-8vcpu-2g"), policy)
    rows = list(map(ZapRequest, run.zaps.event.tolist(), run.zaps.ranges))
    requests = replay_requests(run.scenario, policy)
    assert [(row.event, row.ranges) for row in rows] == [(r.event, r.ranges) for r in requests]
    ours = plan_of(run.scenario, run.policy, rows).costs(LockModel())
    assert ours.cycles.tolist() == costs(run.scenario, policy).cycles.tolist()


def test_state_puts_before_the_guest_runs_cost_next_to_nothing() -> None:
    boot = open_scenario("ovmf-8vcpu-2g")
    cycles = costs(boot, "per-vcpu").cycles
    assert cycles[:16].max() < 0.1 * cycles[16:].min()


@pytest.mark.parametrize("policy", ["cd-toggle", "slot-split"])
def test_bursts_cost_what_a_typical_of_three_boots_does(policy: str) -> None:
    """The cube root of the product of what they cost with APs 15 % closer, as usual and apart."""
    boot = plan(open_scenario("ovmf-16vcpu-16g"), policy)
    model = LockModel()
    alone = [number for number, one in enumerate(boot.occasions) if one.burst is None]
    both, product, spans = boot.costs(model), 1.0, 1.0
    for percent in (85, 100, 115):
        other = with_values(model, {"stagger": model.stagger.value * percent / 100})
        bursts = [
            run_burst(
                other,
                [
                    [LockRequest(boot.traps[n] * model.trap.value, boot.walks[n]) for n in numbers]
                    for numbers in burst
                ],
                boot.vcpus,
                boot.rules,
            )
            for burst in boot.bursts
        ]
        product *= sum(sum(map(sum, burst.cycles)) for burst in bursts)
        spans *= sum(burst.span_cycles for burst in bursts)
    lone = both.cycles[alone].sum()
    assert both.cycles.sum() - lone == pytest.approx(product ** (1 / 3))
    assert both.wall_cycles - lone == pytest.approx(spans ** (1 / 3))


def test_a_burst_that_costs_nothing_leaves_figures_finite() -> None:
    free = with_values(LockModel(), {"own": 0.0, "turn": 0.0, "flush": 0.0})
    cycles = plan(open_scenario("ovmf-8vcpu-2g"), "per-vcpu").costs(free).cycles
    assert np.isfinite(cycles).all()
    assert cycles.sum() == pytest.approx(0.0, abs=1.0)


def test_wall_time_counts_a_burst_once() -> None:
    boot = costs(open_scenario("ovmf-8vcpu-2g"), "per-vcpu")
    assert boot.cycles.sum() / 8 < boot.wall_cycles < boot.cycles.sum() / 4
    alone = costs(open_scenario("seabios-8vcpu-2g"), "per-vcpu")
    assert alone.wall_cycles == pytest.approx(alone.cycles.sum())


def test_writes_before_an_init_are_no_work_on_the_way_to_the_next_zap() -> None:
    """A request of an AP is preceded by its own writes since INIT or since its last request."""
    writes = [write(time, 1, PAT) for time in (1, 2, 3)]
    init = Event(10, EventKind.INIT, 1)
    ask = [write(time, 1, DEFTYPE) for time in (20, 30)]
    kept = machine_with([*writes, *ask])
    reset = machine_with([*writes, init, write(15, 1, PAT), *ask])
    assert plan(kept, "per-vcpu").traps == (4, 1)
    assert plan(reset, "per-vcpu").traps == (2, 1)


def test_an_init_of_another_vcpu_leaves_the_writes_as_they_are() -> None:
    events = [write(1, 1, PAT), Event(10, EventKind.INIT, 2), write(20, 1, DEFTYPE)]
    assert plan(machine_with(events), "per-vcpu").traps == (2,)


@pytest.mark.parametrize(("time", "bursts"), [(99, 0), (100, 1), (199, 1), (200, 0)])
def test_a_zap_belongs_to_the_phase_that_begins_exactly_then(time: int, bursts: int) -> None:
    phases = (Phase(0, "one"), Phase(100, "all", Aps.CONCURRENT), Phase(200, "one by one"))
    scenario = machine_with([write(time, vcpu, DEFTYPE) for vcpu in (1, 2)], phases)
    found = plan(scenario, "per-vcpu")
    assert len(found.bursts) == bursts
    assert found.rivals.tolist() == [bursts, bursts]


def test_a_walk_sees_the_structures_that_are_there_before_its_time() -> None:
    """A touch at exactly the time of the zap comes after it, as far as the lock knows."""
    entries = {}
    for time in (49, 50, 51):
        scenario = machine_with([write(50, 1, DEFTYPE)], touched_ns=time)
        (walks,) = plan(scenario, "per-vcpu").walks
        entries[time] = walks[0].entries
    assert entries[50] == entries[51] < entries[49]


def test_structures_count_by_ranges_to_the_entry() -> None:
    """Of [first, first + 512) of the first block, walks see the entries from start to end - 1."""
    history = table_history(machine_with([write(50, 1, DEFTYPE)], touched_ns=1))
    above = history.entries(0, 1, 60) - 1
    for end in (1, 2, 511, 512):
        assert history.entries(0, end, 60) == above + end
    assert history.entries(0, 513, 60) == above + 512 + 1
    assert history.entries(511, 512, 60) == above + 1
    assert history.entries(7, 7, 60) == 0


PAT, DEFTYPE = 0x277, 0x2FF


def write(time_ns: int, vcpu: int, register: int) -> Event:
    value = 0x0007_0406_0007_0406 if register == PAT else 0xC06
    return Event(time_ns, EventKind.WRMSR, vcpu, register, value)


def machine_with(
    events: list[Event], phases: tuple[Phase, ...] = (), touched_ns: int | None = None
) -> Scenario:
    """Return a machine with a device; at 3 GiB a page is touched first at ``touched_ns``."""
    touched = [] if touched_ns is None else [(0, 5), (touched_ns, 3 << 18)]
    times, gfns = zip(*touched, strict=True) if touched else ((), ())
    zeros = np.zeros(len(touched), np.uint8)
    return Scenario(
        name="made",
        title="made",
        machine=MachineSpec(
            vcpus=3,
            memory_bytes=4 << 30,
            regions=(Region("RAM", RegionKind.RAM, 0, 4 << 30),),
            maxphyaddr=36,
            noncoherent_dma=1,
        ),
        events=tuple(events),
        phases=phases,
        recorded=Touches(np.array(times, np.int64), np.array(gfns, np.uint64), zeros, zeros),
        duration_ns=1000,
    )


def test_nothing_to_zap_costs_nothing() -> None:
    nothing = costs(open_scenario("ovmf-8vcpu-2g"), "kvm-6.11")
    assert (len(nothing.cycles), nothing.wall_cycles, nothing.disturbing) == (0, 0.0, 0)


def test_zaps_of_ranges_without_ram_disturb_nobody() -> None:
    boot = open_scenario("ovmf-8vcpu-2g")
    full, fine = costs(boot, "serialized"), costs(boot, "fine-grained")
    assert full.disturbing == 74
    assert fine.disturbing < 20


def test_boot_time_is_the_sum_of_its_parts() -> None:
    model = BootTime()
    parts = BootParts(2, wall_cycles=3.1e9, disturbing=10, refaults=0, slow_s=0.5)
    quiet = model.boot_s(BootParts(2))
    assert model.boot_s(parts) - quiet == pytest.approx(1.5 + 10 * model.aftermath.value)
    assert model.boot_s(BootParts(3)) - quiet == pytest.approx(model.per_gib.value)
    assert len(model.constants()) == 6


def test_speeds_are_the_measured_ones() -> None:
    assert platforms() == ("Sapphire Rapids XCC", "Coffee Lake-S")
    speeds = write_seconds("Sapphire Rapids XCC")
    assert speeds[MemoryType.UC] / speeds[MemoryType.WB] == pytest.approx(22.9, abs=0.1)
    with pytest.raises(Exception, match="known are Sapphire"):
        write_seconds("8086")


@pytest.mark.parametrize("name", ["small-machine", "seabios-8vcpu-2g", "wb-under-cd"])
def test_touches_by_type_are_those_that_a_plain_count_finds(name: str) -> None:
    run = simulate(open_scenario(name), "cd-toggle")
    touches, leaves = run.scenario.touches, run.leaves
    counts = dict.fromkeys(touches_by_type(run), 0)
    for row in np.flatnonzero(leaves.memory_type != MemoryType.WB).tolist():
        first, pages = int(leaves.first_gfn[row]), int(leaves.pages[row])
        region = run.scenario.machine.region_at(first)
        if region is None or region.kind is not RegionKind.RAM:
            continue
        lived = np.array([leaves.born_ns[row], leaves.died_ns[row]])
        start, end = np.searchsorted(touches.time_ns, lived).tolist()
        gfn = touches.gfn[start:end].astype(np.int64)
        inside = np.count_nonzero((gfn >= first) & (gfn < first + pages))
        counts[MemoryType(int(leaves.memory_type[row]))] += int(inside)
    assert touches_by_type(run) == counts
    assert any(counts.values())


def test_slow_leaves_are_counted_and_cost_more_on_the_cpu_that_is_slower_with_them() -> None:
    run = simulate(open_scenario("seabios-8vcpu-2g"), "per-vcpu")
    counts = touches_by_type(run)
    assert counts[MemoryType.UC] > 0 < counts[MemoryType.WP]
    slow, fast = (slow_seconds(counts, 64, name) for name in platforms())
    assert slow > 5 * fast > 0
    assert slow_seconds(counts, 128) == pytest.approx(2 * slow)
    assert not any(touches_by_type(simulate(run.scenario, "kvm-6.11")).values())
