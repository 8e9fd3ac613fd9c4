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
    {"own": 250, "turn": 6500, "onset": 2.2e9, "flush": 320e3, "stagger": 1.2e6, "shared": 0.45},
)
STEP, ROUNDS, RESTARTS = 0.25, 60, 0
#: Staggers, as multiples of the model's, at which it has to fit. At just one a fit finds places
#: where some AP comes a moment before or after a list is empty, which no boot repeats.
STAGGERS = (0.85, 1.0, 1.15)

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
        """Return the sum over rows of the logarithm squared, mean of ``STAGGERS``."""
        stagger = model.stagger.value
        models = [with_values(model, {"stagger": times * stagger}) for times in STAGGERS]
        return sum(log * log for each in models for log in self.logs(each)) / len(models)

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
