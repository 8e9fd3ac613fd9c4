"""The recorded boots, replayed: the published counts come out of the events."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.core.costs.boot_time import BootTime
from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.core.policies import policy_ids
from mtrrviz.facts.boot.boot_length import replayed
from mtrrviz.facts.figures import figures, figures_until
from mtrrviz.scenario import Aps, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import Run, ZapCause, simulate
from mtrrviz.sim.cost_model import CostModel
from mtrrviz.sim.lock_costs import plan_of
from mtrrviz.sim.memtype_speed import platforms
from mtrrviz.sim.zap_requests import replay_requests
from tests.sim.slow import rivals

BOOTS = {
    "ovmf-8vcpu-2g": {"per-vcpu": 84, "per-vm": 14},
    "ovmf-8vcpu-16g": {"per-vcpu": 84, "per-vm": 14},
    "seabios-8vcpu-2g": {"per-vcpu": 50, "per-vm": 8},
    "seabios-8vcpu-16g": {"per-vcpu": 50, "per-vm": 8},
    "ovmf-16vcpu-16g": {"per-vcpu": 164, "per-vm": 14},
    "seabios-16vcpu-16g": {"per-vcpu": 98, "per-vm": 8},
}
CASES = [(name, policy) for name, counts in BOOTS.items() for policy in counts]


@pytest.fixture(scope="module")
def runs() -> dict[tuple[str, str], Run]:
    scenarios = {name: open_scenario(name) for name in BOOTS}
    return {(name, policy): simulate(scenarios[name], policy) for name, policy in CASES}


@pytest.mark.parametrize(("name", "policy"), CASES)
def test_zaps_in_all(runs, name, policy):
    assert len(runs[name, policy].zaps) == BOOTS[name][policy]


@pytest.mark.parametrize("name", BOOTS)
def test_zaps_of_each_vcpu(runs, name):
    vcpus = runs[name, "per-vcpu"].scenario.machine.vcpus
    bsp, each_ap = (14, 10) if name.startswith("ovmf") else (8, 6)
    assert figures(runs[name, "per-vcpu"]).zaps_per_vcpu == (bsp, *[each_ap] * (vcpus - 1))
    assert figures(runs[name, "per-vm"]).zaps_per_vcpu == (bsp, *[0] * (vcpus - 1))


@pytest.mark.parametrize(("name", "policy"), CASES)
def test_every_zap_is_a_default_type_write_of_its_vcpu(runs, name, policy):
    run = runs[name, policy]
    events = [run.scenario.events[i] for i in run.zaps.event.tolist()]
    assert {event.register for event in events} == {0x2FF}
    assert [event.vcpu for event in events] == run.zaps.vcpu.tolist()
    assert [event.time_ns for event in events] == run.zaps.time_ns.tolist()
    assert set(run.zaps.cause.tolist()) == {ZapCause.DEF_TYPE}
    assert figures(run).zaps_by_cause[ZapCause.DEF_TYPE.words] == BOOTS[name][policy]


@pytest.mark.parametrize("name", BOOTS)
def test_aps_of_ovmf_contend_in_three_bursts_and_those_of_seabios_never(runs, name):
    run = runs[name, "per-vcpu"]
    aps = run.scenario.machine.vcpus - 1
    contended = 6 * aps if name.startswith("ovmf") else 0
    assert figures(run).contended_zaps == contended
    assert set(run.zaps.rivals[run.zaps.contended].tolist()) == ({aps - 1} if contended else set())
    assert figures(runs[name, "per-vm"]).contended_zaps == 0


@pytest.mark.parametrize(("vcpus", "name"), [(8, "seabios-8vcpu-2g"), (16, "seabios-16vcpu-16g")])
def test_aps_of_seabios_contend_where_they_all_leave_the_caches_off(vcpus, name):
    """They clear CR0.CD right after INIT, in a phase in which they take turns at all else."""
    run = simulate(open_scenario(name), "cd-toggle")
    contended = np.flatnonzero(run.zaps.contended)
    assert figures(run).contended_zaps == len(contended) == vcpus - 1
    assert run.zaps.rivals[contended].tolist() == [vcpus - 2] * (vcpus - 1)
    kinds = {run.scenario.events[i].kind for i in run.zaps.event[contended].tolist()}
    assert kinds == {EventKind.MOV_CR0}
    assert sorted(run.zaps.vcpu[contended].tolist()) == list(range(1, vcpus))


def test_contended_zaps_are_aps_in_concurrent_phases(runs):
    run = runs["ovmf-8vcpu-2g", "per-vcpu"]
    contended = run.zaps.contended
    phases = [run.scenario.phase_at(t) for t in run.zaps.time_ns[contended].tolist()]
    assert {phase.aps for phase in phases if phase} == {Aps.CONCURRENT}
    assert 0 not in run.zaps.vcpu[contended]
    kinds = {run.scenario.events[i].kind for i in run.zaps.event[contended].tolist()}
    assert kinds == {EventKind.WRMSR}


@pytest.mark.parametrize("policy", [*policy_ids(), "per-vm:srcu-leak"])
def test_cycles_are_those_of_the_lock_under_every_policy(runs, policy):
    scenario = runs["seabios-8vcpu-2g", "per-vm"].scenario
    run = simulate(scenario, policy)
    requests = replay_requests(scenario, policy)
    expected = plan_of(scenario, run.policy, requests).costs(LockModel())
    assert run.zaps.cycles.tolist() == expected.cycles.tolist()
    assert figures(run).zap_mcycles == pytest.approx(expected.cycles.sum() / 1e6)


def test_other_constants_are_those_of_the_run(runs):
    run = runs["ovmf-8vcpu-2g", "per-vm"]
    slower = CostModel(
        lock=with_values(LockModel(), {"own": 2 * LockModel().own.value}),
        boot=with_values(BootTime(), {"aftermath": 1.0}),
    )
    changed = simulate(run.scenario, "per-vm", slower)
    assert changed.zaps.cycles.tolist() == run.plan.costs(slower.lock).cycles.tolist()
    assert figures(changed).zap_mcycles > 1.5 * figures(run).zap_mcycles
    more_s = figures(changed).stall_s - figures(run).stall_s
    waits = changed.at_lock.wall_cycles - run.at_lock.wall_cycles
    waits_s = waits / (slower.boot.cpu_clock.value * 1e9)
    each_s = 1.0 - BootTime().aftermath.value
    assert more_s == pytest.approx(run.at_lock.disturbing * each_s + waits_s)
    assert slower.constants() == changed.costs.constants()
    assert {c.value for c in LockModel().constants()} <= {c.value for c in CostModel().constants()}


def test_slow_memory_is_that_of_the_cpu_picked(runs):
    run = runs["seabios-8vcpu-2g", "per-vcpu"]
    _, faster = platforms()
    other = simulate(run.scenario, "per-vcpu", CostModel(platform=faster))
    assert figures(other).zap_mcycles == figures(run).zap_mcycles
    assert figures(other).boot_s < figures(run).boot_s
    assert any(faster in constant.meaning for constant in other.costs.constants())


def test_modelled_cycles_and_boot_times_are_near_the_published_ones(runs):
    """Before: between the published series. After: as near as the fit of all rows comes."""
    before = figures(runs["ovmf-8vcpu-2g", "per-vcpu"])
    after = figures(runs["ovmf-8vcpu-2g", "per-vm"])
    assert 3506.37 < before.zap_mcycles < 4164.57
    assert after.zap_mcycles == pytest.approx(16.07, rel=0.2)
    assert before.boot_s == pytest.approx(19.38, abs=0.02)
    assert after.boot_s == pytest.approx(18.83, abs=0.02)


@pytest.mark.parametrize("name", BOOTS)
def test_the_boot_without_zaps_takes_the_modelled_base_time(runs, name):
    run = runs[name, "per-vcpu"]
    base_s = run.costs.boot.base_boot_s(run.scenario.machine.memory_gib)
    assert run.scenario.duration_ns == pytest.approx(base_s * 1e9)
    assert figures(run).boot_s == pytest.approx(base_s + figures(run).stall_s)
    _, boot_s = replayed(run).figures()
    assert figures(run).boot_s == pytest.approx(boot_s)


def test_the_length_of_a_boot_is_one_figure_at_any_time(runs):
    run = runs["ovmf-8vcpu-2g", "per-vcpu"]
    early = figures_until(run, run.scenario.duration_ns // 3)
    assert early.boot_s == figures(run).boot_s
    assert early.zap_mcycles < figures(run).zap_mcycles


@pytest.mark.parametrize(("name", "policy"), CASES)
def test_leaves_and_zaps_keep_each_others_books(runs, name, policy):
    run = runs[name, policy]
    dropped = run.leaves.zap[run.leaves.zap >= 0]
    counts = np.bincount(dropped, minlength=len(run.zaps))
    assert counts.tolist() == run.zaps.leaves_dropped.tolist()
    died = run.leaves.died_ns[run.leaves.zap >= 0]
    assert np.array_equal(died, run.zaps.time_ns[dropped])
    assert np.all(run.leaves.born_ns <= run.leaves.died_ns)
    assert np.all(np.diff(run.leaves.born_ns) >= 0)
    assert figures(run).faults == len(run.leaves)
    assert figures(run).refaults == np.count_nonzero(run.leaves.refault)


def test_the_patched_policy_faults_less(runs):
    before, after = (figures(runs["ovmf-8vcpu-16g", policy]) for policy in ("per-vcpu", "per-vm"))
    assert after.refaults < before.refaults
    assert after.faults < before.faults


def test_rivals_agree_with_a_plain_count(runs):
    from tests.sim.slow import Zap

    run = runs["ovmf-8vcpu-2g", "per-vcpu"]
    names = ("time_ns", "vcpu", "event", "cause", "start_gfn", "end_gfn", "leaves_dropped")
    columns = (getattr(run.zaps, name).tolist() for name in names)
    zaps = [Zap(*row) for row in zip(*columns, strict=True)]
    assert [rivals(run.scenario, zaps, zap) for zap in zaps] == run.zaps.rivals.tolist()
