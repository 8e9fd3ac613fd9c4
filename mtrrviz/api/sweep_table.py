"""The rows of a sweep as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.columns import Columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mtrrviz.analysis.sweep import SweepRow


class SweepTable(Columns):
    """A row each combination, by policy, then memory, then vCPUs as asked for.

    ``zap_count`` is replayed; ``zap_mcycles`` and ``boot_s`` are modelled, and ``extrapolated``
    where there are more vCPUs than were ever measured.
    """

    firmware: NDArray[np.str_]
    vcpus: NDArray[np.int64]
    memory_gib: NDArray[np.float64]
    policy: NDArray[np.str_]
    zap_count: NDArray[np.int64]
    zap_mcycles: NDArray[np.float64]
    boot_s: NDArray[np.float64]
    extrapolated: NDArray[np.bool_]


def sweep_table(rows: Sequence[SweepRow]) -> SweepTable:
    """Return rows as columns."""
    names = SweepTable.__struct_fields__
    return SweepTable(**{name: np.array([getattr(row, name) for row in rows]) for name in names})
