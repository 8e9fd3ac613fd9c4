"""Measured speeds of memory by type, and what leaves of slow types cost a run.

The measurements are times of plain writes through leaves of each type with IPAT, on two CPUs.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.cost import Constant
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.machine_spec import MachineSpec, RegionKind
from mtrrviz.sim.tables import LEVEL_SHIFTS, LeafTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.touches import Touches
    from mtrrviz.sim.run import Run

_FILE = "memtype_speed.csv"
_PLAIN = "WRITE_ONCE"
_WRITES = "seconds_for_16777216_writes"
_SPEEDS_SOURCE = "measurements published on the KVM mailing list, plain writes"

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


def find_platform(name: str) -> str:
    """Return the name of a measured CPU, however its letters are cased; MtrrvizError if none."""
    for platform in platforms():
        if platform.lower() == name.strip().lower():
            return platform
    known = ", ".join(platforms())
    raise MtrrvizError(f"no memory speeds of {name!r}; known are {known}")


def write_seconds(platform: str = DEFAULT_PLATFORM) -> Speeds:
    """Return the seconds of a write by type; MtrrvizError for a CPU that was not measured."""
    return _all_speeds()[find_platform(platform)]


def speed_constants(platform: str = DEFAULT_PLATFORM) -> tuple[Constant, ...]:
    """Return the speeds of a CPU for a table of sources; MtrrvizError if it was not measured."""
    return tuple(
        Constant(
            round(seconds * 1e9, 3),
            "ns",
            f"one write through a leaf of type {kind.name} with IPAT on {platform}",
            _SPEEDS_SOURCE,
            "measured, not fitted",
        )
        for kind, seconds in write_seconds(platform).items()
    )


def touches_by_type(run: Run) -> dict[MemoryType, int]:
    """Return how many touches of RAM went through leaves of each type other than WB."""
    leaves, types = run.leaves, run.leaves.memory_type
    counts = dict.fromkeys((kind for kind in MemoryType if kind is not MemoryType.WB), 0)
    slow = (types != MemoryType.WB) & _in_ram(leaves.first_gfn, run.scenario.machine)
    for level in np.unique(leaves.level[slow]).tolist():
        rows = np.flatnonzero(slow & (leaves.level == level))
        through = _touches_through(leaves, rows, run.scenario.touches, LEVEL_SHIFTS[int(level)])
        totals = np.bincount(types[rows], through, len(MemoryType) + 2)
        for kind in counts:
            counts[kind] += int(totals[kind])
    return counts


def _in_ram(gfn: NDArray[np.uint64], machine: MachineSpec) -> NDArray[np.bool_]:
    """Return which frames are RAM."""
    inside = np.zeros(len(gfn), np.bool_)
    for slot in machine.slots:
        if slot.kind is RegionKind.RAM:
            inside |= (gfn >= np.uint64(slot.first_gfn)) & (gfn < np.uint64(slot.end_gfn))
    return inside


def _touches_through(
    leaves: LeafTable, rows: NDArray[np.intp], touches: Touches, shift: np.uint64
) -> NDArray[np.int64]:
    """Return for leaves of one level how many touches each had while it lived.

    Touches of the leaves' blocks are put in order of block, then time, so that those of one leaf
    are neighbours. Most touches are not near any of the blocks, which is seen at once.
    """
    blocks, block = np.unique(leaves.first_gfn[rows] >> shift, return_inverse=True)
    born = np.searchsorted(touches.time_ns, leaves.born_ns[rows])
    died = np.searchsorted(touches.time_ns, leaves.died_ns[rows])
    total, start = len(touches), int(born.min())
    touched = touches.gfn[start : int(died.max())] >> shift
    at = np.flatnonzero((touched >= blocks[0]) & (touched <= blocks[-1]))
    place = np.searchsorted(blocks, touched[at])
    known = blocks[place] == touched[at]
    ordered = np.sort(place[known] * total + at[known] + start)
    first, last = block * total + born, block * total + died
    return np.searchsorted(ordered, last) - np.searchsorted(ordered, first)


def slow_seconds(
    touches: dict[MemoryType, int], writes_per_touch: float, platform: str = DEFAULT_PLATFORM
) -> float:
    """Return the seconds that so many touches through leaves of other types take more than WB."""
    speeds = write_seconds(platform)
    return sum(
        count * writes_per_touch * (speeds[kind] - speeds[MemoryType.WB])
        for kind, count in touches.items()
    )
