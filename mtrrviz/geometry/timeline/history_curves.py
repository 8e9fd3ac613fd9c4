"""How the EPT's content went over time: live leaves by memory type, zaps so far, as curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.record import Record
from mtrrviz.facts.live_counts import live_counts, sample_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.sim.run import Run

#: Even samples over the scenario; zaps are sampled besides, so that none is missed.
EVEN_SAMPLES = 1500


class LeafHistory(Record, eq=False):
    """Curves over common ``times_ns`` (int64, ascending).

    ``live`` has an int64 array for each memory type that ever had a leaf: leaves there at each
    time. ``zaps`` counts zaps up to each time.
    """

    times_ns: NDArray[np.int64]
    live: dict[MemoryType, NDArray[np.int64]]
    zaps: NDArray[np.int64]


def leaf_history(run: Run) -> LeafHistory:
    """Return the curves of a run; costs a sort of the leaves' deaths."""
    times = sample_times(run, EVEN_SAMPLES)
    kinds = run.leaves.memory_type
    live = {
        memory_type: live_counts(run, kinds == memory_type, times)
        for memory_type in MEMORY_TYPES
        if np.any(kinds == memory_type)
    }
    return LeafHistory(times, live, np.searchsorted(run.zaps.time_ns, times, "right"))
