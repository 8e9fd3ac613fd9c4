"""What the constants in force come to: the fit to the published rows, and the runs shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.facts.figures import figures
from mtrrviz.sim.cost_model import DEFAULT_COSTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.validation import Misfit
    from mtrrviz.sim.run import Run


class ModelResult(Record):
    """One figure at the model's own constants and at those in force."""

    name: str
    meaning: str
    default: str
    now: str

    @property
    def is_changed(self) -> bool:
        """Whether the constants in force make a difference that can be seen."""
        return self.default != self.now


def misfit_results(default: Misfit, now: Misfit) -> list[ModelResult]:
    """Return how far off the published rows the model is."""
    return [
        ModelResult(
            "cycles, all published rows",
            "Typical factor between modelled and published cycles, over the rows that the lock's "
            "constants were fitted to (root mean square of the logarithm)",
            f"x {default.cycles:.3f}",
            f"x {now.cycles:.3f}",
        ),
        ModelResult(
            "boot times",
            "Typical difference between modelled and published boot times (root mean square)",
            f"{default.boot_s:.3f} s",
            f"{now.boot_s:.3f} s",
        ),
    ]


def run_results(runs: Sequence[Run]) -> list[ModelResult]:
    """Return the modelled figures of runs."""
    return [result for run in runs for result in _run_results(run)]


def _run_results(run: Run) -> list[ModelResult]:
    default, now = figures(run.with_costs(DEFAULT_COSTS)), figures(run)
    name = run.policy.id
    return [
        ModelResult(
            f"{name}: zap cycles",
            f"Modelled cycles of all zaps of the open scenario under {name}",
            f"{default.zap_mcycles:,.1f} M",
            f"{now.zap_mcycles:,.1f} M",
        ),
        ModelResult(
            f"{name}: boot time",
            f"Modelled length of the open scenario under {name}",
            f"{default.boot_s:.3f} s",
            f"{now.boot_s:.3f} s",
        ),
    ]
