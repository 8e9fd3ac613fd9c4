"""The fit itself: constants of the lock from published rows, all of them or without some."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mtrrviz.analysis.published import PublishedRow, firmware_of, policy_of, published_rows
from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.core.policies import get_policy
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim.lock_costs import LockPlan, plan_of
from mtrrviz.sim.zap_requests import replay_requests
from tests.calibrate.simplex import Point, minimise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FITTED = ("own", "turn", "onset", "flush", "stagger", "shared")
#: Where every fit begins, so that none knows what another has found.
START = with_values(
    LockModel(),
    {"own": 265, "turn": 7000, "onset": 1.95e9, "flush": 280e3, "stagger": 0.9e6, "shared": 0.45},
)
STEP, ROUNDS, RESTARTS = 0.2, 90, 1

Key = tuple[str, str]


def key_of(row: PublishedRow) -> Key:
    """Return the recorded boot and the policy that repeat a row."""
    return f"{firmware_of(row)}-{row.vcpus}vcpu-{row.memory_gib:g}g", policy_of(row)


def plans(keys: Iterable[Key]) -> dict[Key, LockPlan]:
    """Replay boots under policies."""
    wanted = sorted(set(keys))
    boots = {name: open_scenario(name) for name in dict.fromkeys(name for name, _ in wanted)}
    return {
        (name, policy): plan_of(
            boots[name], get_policy(policy), replay_requests(boots[name], policy)
        )
        for name, policy in wanted
    }


def mcycles(model: LockModel, plan: LockPlan) -> float:
    """Return the modelled Mcycles of a boot."""
    return float(plan.costs(model).cycles.sum()) / 1e6


class Fit:
    """A fit to some published rows; ``known`` holds the plans of their boots."""

    def __init__(self, known: dict[Key, LockPlan], rows: Sequence[PublishedRow]) -> None:
        self._known, self._rows = known, rows

    def loss(self, model: LockModel) -> float:
        """Return the sum over rows of the logarithm squared."""
        return sum(log * log for log in self.logs(model))

    def logs(self, model: LockModel) -> list[float]:
        """Return the logarithm of modelled over published cycles of each row."""
        totals = {key: mcycles(model, self._known[key]) for key in set(map(key_of, self._rows))}
        return [math.log(totals[key_of(row)] / row.zap_mcycles) for row in self._rows]

    def best(self, start: LockModel = START) -> LockModel:
        """Return the model that fits best, its other constants as in ``start``."""
        point = [math.log(getattr(start, name).value) for name in FITTED]

        def at(place: Point) -> LockModel:
            return with_values(start, dict(zip(FITTED, map(math.exp, place), strict=True)))

        return at(minimise(lambda place: self.loss(at(place)), point, STEP, ROUNDS, RESTARTS))


def all_rows() -> tuple[dict[Key, LockPlan], tuple[PublishedRow, ...]]:
    """Return the plans of all published rows, and the rows."""
    rows = published_rows()
    return plans(map(key_of, rows)), rows
