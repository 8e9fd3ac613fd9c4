"""How many leaves there are over the time of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sorting import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.sim.run import Run


def sample_times(run: Run, even: int) -> NDArray[np.int64]:
    """Return ``even`` times over the scenario, and each zap's time with the moment before it.

    Nanoseconds, int64, ascending and distinct.
    """
    grid = np.linspace(0, max(1, run.scenario.duration_ns), even).astype(np.int64)
    zaps = run.zaps.time_ns
    return distinct(np.concatenate([grid, zaps, np.maximum(zaps - np.int64(1), np.int64(0))]))


def live_counts(run: Run, chosen: NDArray[np.bool_], times: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return how many of the chosen leaves are there at each time: births less deaths so far.

    ``chosen`` has a truth for each row of :attr:`Run.leaves`.
    """
    born = run.leaves.born_ns[chosen]
    died = np.sort(run.leaves.died_ns[chosen])
    return np.searchsorted(born, times, "right") - np.searchsorted(died, times, "right")
