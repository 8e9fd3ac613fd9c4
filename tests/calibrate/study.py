"""Why 8 vCPUs do not say what 16 cost: laws that fit them alike, and what each says of 16."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace

from mtrrviz.analysis.published import published_rows
from mtrrviz.core.lock_model import LockModel
from mtrrviz.sim.lock_costs import LockPlan
from tests.calibrate.fitting import CALIBRATION_VCPUS, FITTED, Key, key_of, mcycles, plans
from tests.calibrate.retries import RetryLaw
from tests.calibrate.simplex import Point, minimise

Total = Callable[[LockPlan], float]
"""What a law says of a boot, in Mcycles."""

FIRMWARES = ("ovmf", "seabios")
POLICIES = ("per-vcpu", "cd-toggle", "serialized", "fine-grained", "slot-split")
GRACES = (3.5, 4.5, 5.5, 6.5, 1e6)
RETRIES = RetryLaw(382.0, 5709.0, 4909.0, 11130.0, 51860.0, 0.3995, 0.0341, 4.5)
"""As fitted with this grace."""
RETRY_GRACES = (2.5, 3.5, 4.5, 5.5)


def shipped_at(grace: float) -> Callable[[Point], Total]:
    """Return the shipped law with another grace, its other constants from logarithms."""
    start = LockModel()
    start = replace(start, grace=replace(start.grace, value=grace))

    def at(point: Point) -> Total:
        changed = {
            name: replace(getattr(start, name), value=math.exp(x))
            for name, x in zip(FITTED, point, strict=True)
        }
        model = replace(start, **changed)
        return lambda plan: mcycles(model, plan)

    return at


def retries_at(grace: float) -> Callable[[Point], Total]:
    """Return the other law with a grace, its other constants from logarithms."""
    return lambda point: RetryLaw(*map(math.exp, point), grace=grace).mcycles


def logs(values: list[float]) -> Point:
    """Return natural logarithms."""
    return [math.log(value) for value in values]


class Study:
    """The published rows, the plans of their boots, and fits to those with 8 vCPUs."""

    def __init__(self) -> None:
        self._rows = published_rows()
        self._known: dict[Key, LockPlan] = plans({key_of(row) for row in self._rows})

    def run(self) -> None:
        """Print a line for each law."""
        boots = "".join(f"{firmware + ' at 16':>{7 * len(POLICIES)}}" for firmware in FIRMWARES)
        policies = "".join(f"{policy[:6]:>7}" for policy in POLICIES * len(FIRMWARES))
        print(f"{'law, grace':24}{'8, rms':>8}{boots}\n{'':32}{policies}")
        usual = logs([getattr(LockModel(), name).value for name in FITTED])
        for grace in GRACES:
            self._law(f"all in the guest, {grace:g}", shipped_at(grace), usual)
        start = logs([getattr(RETRIES, f.name) for f in fields(RETRIES) if f.name != "grace"])
        for grace in RETRY_GRACES:
            self._law(f"only the kept, {grace:g}", retries_at(grace), start)

    def _law(self, name: str, at: Callable[[Point], Total], start: Point) -> None:
        best = at(minimise(lambda point: self._loss(at(point)), start, 0.2, rounds=50, restarts=2))
        errors = "".join(
            f"{100 * self.error(best, f'{firmware}-16vcpu-16g', policy):>+6.0f}%"
            for firmware in FIRMWARES
            for policy in POLICIES
        )
        print(f"{name:24}{100 * self.rms(best):>7.1f}%{errors}", flush=True)

    def rms(self, total: Total) -> float:
        """Return the error of a law at 8 vCPUs, root mean square of logarithms."""
        count = sum(row.vcpus == CALIBRATION_VCPUS for row in self._rows)
        return math.sqrt(self._loss(total) / count)

    def _loss(self, total: Total) -> float:
        """Return the sum of squared logarithms of modelled over published cycles."""
        rows = [row for row in self._rows if row.vcpus == CALIBRATION_VCPUS]
        totals = {key: total(self._known[key]) for key in {key_of(row) for row in rows}}
        return sum(math.log(totals[key_of(row)] / row.zap_mcycles) ** 2 for row in rows)

    def error(self, total: Total, name: str, policy: str) -> float:
        """Return modelled over published cycles, less one, of the newest row of a boot."""
        row = next(row for row in self._rows if key_of(row) == (name, policy))
        return total(self._known[name, policy]) / row.zap_mcycles - 1
