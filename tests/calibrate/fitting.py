"""The fit itself: constants of the lock from the published rows with 8 vCPUs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from mtrrviz.analysis.published import PublishedRow, firmware_of, policy_of, published_rows
from mtrrviz.core.lock_model import LockModel
from mtrrviz.core.policies import get_policy
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim.lock_costs import LockPlan, plan_of, rules_of
from mtrrviz.sim.zap_requests import replay_requests
from tests.calibrate.simplex import Point, minimise

if TYPE_CHECKING:
    from collections.abc import Iterable

FITTED = {"own": 400.0, "turn": 5000.0, "pause": 100e3, "stagger": 1e6, "shared": 0.5}
CALIBRATION_VCPUS = 8

Key = tuple[str, str]


def key_of(row: PublishedRow) -> Key:
    """Return the recorded boot and the policy that repeat a row."""
    return f"{firmware_of(row)}-{row.vcpus}vcpu-{row.memory_gib:g}g", policy_of(row)


def plans(keys: Iterable[Key]) -> dict[Key, LockPlan]:
    """Replay boots under policies."""
    wanted = sorted(keys)
    boots = {name: open_scenario(name) for name in dict.fromkeys(name for name, _ in wanted)}
    return {
        (name, policy): plan_of(
            boots[name], rules_of(get_policy(policy)), replay_requests(boots[name], policy)
        )
        for name, policy in wanted
    }


def model_at(point: Point) -> LockModel:
    """Return the model whose fitted constants have these natural logarithms."""
    start = LockModel()
    values = {
        name: replace(getattr(start, name), value=math.exp(x))
        for name, x in zip(FITTED, point, strict=True)
    }
    return replace(start, **values)


def mcycles(model: LockModel, plan: LockPlan) -> float:
    """Return the modelled Mcycles of a boot."""
    return float(plan.costs(model).cycles.sum()) / 1e6


def loss_of(model: LockModel, known: dict[Key, LockPlan]) -> float:
    """Return the sum of squared logarithms of modelled over published cycles, a row once each."""
    rows = [row for row in published_rows() if row.vcpus == CALIBRATION_VCPUS]
    totals = {key: mcycles(model, known[key]) for key in {key_of(row) for row in rows}}
    return sum(math.log(totals[key_of(row)] / row.zap_mcycles) ** 2 for row in rows)


def fit(known: dict[Key, LockPlan]) -> LockModel:
    """Return the model that fits best."""
    start = [math.log(value) for value in FITTED.values()]
    return model_at(minimise(lambda point: loss_of(model_at(point), known), start))
