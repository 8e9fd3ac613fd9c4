"""Constants are found by name, kept in range, and change figures without a simulation anew."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.boot.boot_length import replayed, stall_s
from mtrrviz.facts.figures import figures
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from mtrrviz.sim.memtype_speed import platforms

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run

NAMES = [entry.name for entry in DEFAULT_COSTS.entries()]


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(open_scenario("ovmf-8vcpu-2g"), "per-vcpu")


def test_no_two_constants_have_one_name() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert {"own", "base"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("end", ["least", "most"])
def test_a_run_has_figures_at_both_ends_of_each_range(run: Run, name: str, end: str) -> None:
    entry = next(entry for entry in DEFAULT_COSTS.entries() if entry.name == name)
    summary = figures(run.with_costs(DEFAULT_COSTS.with_values({name: getattr(entry, end)})))
    assert math.isfinite(summary.zap_mcycles)
    assert math.isfinite(summary.boot_s)
    assert summary.zap_mcycles >= 0
    assert summary.boot_s > 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"owm": 1.0}, "no constant 'owm'"),
        ({"own": -1.0}, "own cannot be -1 cycles: expected 0 to"),
        ({"own": math.nan}, "own cannot be nan"),
        ({"own": math.inf}, "own cannot be inf"),
        ({"cpu_clock": 0.0}, "cpu_clock cannot be 0 GHz: expected 0.1 to 3,100"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, float], words: str) -> None:
    with pytest.raises(MtrrvizError, match=words):
        DEFAULT_COSTS.with_values(values)


def test_other_constants_share_all_that_was_replayed(run: Run) -> None:
    costs = DEFAULT_COSTS.with_values({"turn": 9000.0, "aftermath": 0.1})
    other, anew = run.with_costs(costs), simulate(run.scenario, run.policy, costs)
    assert figures(other) == figures(anew)
    assert figures(other) != figures(run)
    assert other.zaps.cycles.tolist() == anew.zaps.cycles.tolist()
    assert other.leaves is run.leaves
    assert other.snapshots is run.snapshots
    assert replayed(other) is replayed(run)
    assert run.with_costs(DEFAULT_COSTS) is run


def test_the_constants_of_a_boot_without_zaps_count_where_the_model_gave_its_length(
    run: Run,
) -> None:
    costs = DEFAULT_COSTS.with_values({"base": 0.0, "per_gib": 0.0})
    assert figures(run.with_costs(costs)).boot_s == pytest.approx(stall_s(run))
    own = simulate(open_scenario("small-machine"), "per-vcpu")
    assert figures(own.with_costs(costs)).boot_s == figures(own).boot_s


def test_slow_memory_costs_less_on_the_other_cpu(run: Run) -> None:
    stalls = [stall_s(run.with_costs(DEFAULT_COSTS.on_platform(name))) for name in platforms()]
    assert len(set(stalls)) == len(platforms()) == 2
    assert DEFAULT_COSTS.on_platform(" coffee lake-s").platform == "Coffee Lake-S"


def test_changed_constants_are_named() -> None:
    assert (DEFAULT_COSTS.label, DEFAULT_COSTS.changes_text) == ("modelled", "")
    changed = DEFAULT_COSTS.with_values({"own": 500.0}).on_platform("Coffee Lake-S")
    assert changed.label == "modelled, constants changed"
    assert changed.changes_text == "own=500, cpu=Coffee Lake-S"
    back = changed.with_values({"own": DEFAULT_COSTS.lock.own.value})
    assert back.changes_text == "cpu=Coffee Lake-S"
    assert back.on_platform(DEFAULT_COSTS.platform).is_default
