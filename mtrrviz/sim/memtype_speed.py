"""Measured speeds of memory by type, and what leaves of slow types cost a run.

The measurements are times of plain writes through leaves of each type with IPAT, on two CPUs.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run

_FILE = "memtype_speed.csv"
_PLAIN = "WRITE_ONCE"
_WRITES = "seconds_for_16777216_writes"

#: The CPU that is assumed unless the user picks another.
DEFAULT_PLATFORM = "Sapphire Rapids XCC"

Speeds = dict[MemoryType, float]
"""Seconds of one write by memory type."""


@cache
def _all_speeds() -> dict[str, Speeds]:
    with (resources_dir() / _FILE).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["store"] == _PLAIN]
    speeds: dict[str, Speeds] = {}
    for row in rows:
        seconds = float(row[_WRITES]) / (1 << 24)
        speeds.setdefault(row["platform"], {})[MemoryType[row["memtype_ipat"]]] = seconds
    return speeds


def platforms() -> tuple[str, ...]:
    """Return the names of the measured CPUs."""
    return tuple(_all_speeds())


def write_seconds(platform: str = DEFAULT_PLATFORM) -> Speeds:
    """Return the seconds of a write by type; MtrrvizError for a CPU that was not measured."""
    try:
        return _all_speeds()[platform]
    except KeyError:
        known = ", ".join(platforms())
        raise MtrrvizError(f"no memory speeds of {platform!r}; known are {known}") from None


def touches_by_type(run: Run) -> dict[MemoryType, int]:
    """Return how many touches of RAM went through leaves of each type other than WB."""
    counts = dict.fromkeys((kind for kind in MemoryType if kind is not MemoryType.WB), 0)
    touches, leaves = run.scenario.touches, run.leaves
    pages, types = leaves.pages, leaves.memory_type
    for row in np.flatnonzero(types != MemoryType.WB).tolist():
        first = int(leaves.first_gfn[row])
        region = run.scenario.machine.region_at(first)
        if region is None or region.kind is not RegionKind.RAM:
            continue
        lived = np.array([leaves.born_ns[row], leaves.died_ns[row]], np.int64)
        start, end = np.searchsorted(touches.time_ns, lived).tolist()
        gfn = touches.gfn[start:end]
        inside = (gfn >= np.uint64(first)) & (gfn < np.uint64(first + int(pages[row])))
        counts[MemoryType(int(types[row]))] += int(np.count_nonzero(inside))
    return counts


def slow_seconds(
    touches: dict[MemoryType, int], writes_per_touch: float, platform: str = DEFAULT_PLATFORM
) -> float:
    """Return the seconds that so many touches through leaves of other types take more than WB."""
    speeds = write_seconds(platform)
    return sum(
        count * writes_per_touch * (speeds[kind] - speeds[MemoryType.WB])
        for kind, count in touches.items()
    )
