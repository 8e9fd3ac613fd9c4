"""Fit the lock's constants to the published rows with 8 vCPUs, and predict those with 16.

Then fit boot times to the four that were published.

python -m tests.calibrate            prints the constants and every row; changes nothing
python -m tests.calibrate --study    prints what laws that fit 8 vCPUs alike say of 16
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.published import published_rows
from mtrrviz.core.boot_time import BootTime
from mtrrviz.core.lock_model import LockModel
from mtrrviz.facts.boot_time import replayed
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from tests.calibrate.fitting import CALIBRATION_VCPUS, FITTED, Key, fit, key_of, mcycles, plans
from tests.calibrate.study import Study

if TYPE_CHECKING:
    from mtrrviz.sim.lock_costs import LockPlan


def fit_boot(known: dict[Key, LockPlan], model: LockModel) -> tuple[float, float, float]:
    """Return base, seconds a GiB and seconds a disturbing zap, by least squares."""
    rows = [row for row in published_rows() if row.boot_s is not None]
    unknown: list[list[float]] = []
    rest: list[float] = []
    for row in rows:
        name, policy = key_of(row)
        boot = replayed(simulate(open_scenario(name), policy))
        parts = boot.parts(known[name, policy].costs(model))
        unknown.append([1.0, parts.memory_gib, float(parts.disturbing)])
        rest.append((row.boot_s or 0.0) - BootTime().known_s(parts))
    base, per_gib, aftermath = np.linalg.lstsq(np.array(unknown), np.array(rest))[0].tolist()
    return base, per_gib, aftermath


def main() -> None:
    """Print what the fit gives."""
    known = plans({key_of(row) for row in published_rows()})
    model = fit(known)
    for name in FITTED:
        print(f"{name:10} {getattr(model, name).value:14.6g} {getattr(model, name).unit}")
    for name, value in zip(
        ("base", "per_gib", "aftermath"), fit_boot(known, LockModel()), strict=True
    ):
        print(f"{name:10} {value:14.6g} {getattr(BootTime(), name).unit}")
    for row in published_rows():
        name, policy = key_of(row)
        ours = mcycles(model, known[name, policy])
        kind = "calibrated" if row.vcpus == CALIBRATION_VCPUS else "predicted"
        error = 100 * (ours / row.zap_mcycles - 1)
        print(
            f"{row.series} {name:19} {policy:20} {row.zap_mcycles:10.2f} {ours:10.2f}"
            f" {error:+7.1f} % {kind}"
        )


if __name__ == "__main__":
    if sys.argv[1:] == ["--study"]:
        Study().run()
    else:
        main()
