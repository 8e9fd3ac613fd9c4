"""Fit the lock's constants to all published rows, then boot times to the four published.

python -m tests.calibrate             prints the constants and every row; changes nothing
python -m tests.calibrate --left-out  prints the constants fitted without each firmware, each number
                                      of vCPUs and each policy, as mtrrviz/analysis/left_out.py
                                      holds them, and how far each row is off that was left out
"""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.left_out import LEFT_OUT_KINDS, LeftOut
from mtrrviz.analysis.published import firmware_of, policy_of, published_rows
from mtrrviz.core.costs.boot_time import BootTime
from mtrrviz.facts.boot.boot_length import replayed
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from tests.calibrate.fitting import FITTED, Fit, Key, all_rows, key_of, mcycles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.published import PublishedRow
    from mtrrviz.core.costs.lock_model import LockModel
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


def value_of(kind: LeftOut, row: PublishedRow) -> str:
    """Return the firmware, the number of vCPUs or the policy of a row."""
    if kind == "vcpus":
        return str(row.vcpus)
    return firmware_of(row) if kind == "firmware" else policy_of(row)


def left_out() -> Iterator[tuple[LeftOut, str]]:
    """Yield what is left out in turn."""
    for kind in LEFT_OUT_KINDS:
        for value in dict.fromkeys(value_of(kind, row) for row in published_rows()):
            yield kind, value


def print_all() -> None:
    """Print what the fit to all rows gives."""
    known, rows = all_rows()
    model = Fit(known, rows).best()
    for name in FITTED:
        print(f"{name:10} {getattr(model, name).value:14.6g} {getattr(model, name).unit}")
    for name, value in zip(("base", "per_gib", "aftermath"), fit_boot(known, model), strict=True):
        print(f"{name:10} {value:14.6g} {getattr(BootTime(), name).unit}")
    for row in rows:
        name, policy = key_of(row)
        ours = mcycles(model, known[name, policy])
        error = 100 * (ours / row.zap_mcycles - 1)
        print(
            f"{row.series} {name:19} {policy:20} {row.zap_mcycles:10.2f} {ours:10.2f}"
            f" {error:+7.1f} %"
        )


def print_left_out() -> None:
    """Print what the fits give that did not see some of the rows."""
    known, rows = all_rows()
    for kind, value in left_out():
        seen = [row for row in rows if value_of(kind, row) != value]
        hidden = [row for row in rows if value_of(kind, row) == value]
        model = Fit(known, seen).best()
        constants = ", ".join(f"{getattr(model, name).value:.4g}" for name in FITTED)
        errors = [mcycles(model, known[key_of(row)]) / row.zap_mcycles - 1 for row in hidden]
        words = " ".join(f"{100 * error:+.0f}" for error in errors)
        middle = 100 * median(map(abs, errors))
        print(f'    ("{kind}", "{value}"): ({constants}),  # {middle:.0f} %: {words}', flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--left-out"]:
        print_left_out()
    else:
        print_all()
