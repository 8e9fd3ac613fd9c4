"""Measured speeds of memory by type, and what touches of slow types cost.

The measurements are times of plain writes through leaves of each type with IPAT, on two CPUs.
"""

from __future__ import annotations

import csv
from functools import cache

from mtrrviz.core.costs.cost import Constant
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.paths import resources_dir

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


def slow_seconds(
    touches: dict[MemoryType, int], writes_per_touch: float, platform: str = DEFAULT_PLATFORM
) -> float:
    """Return the seconds that so many touches through leaves of other types take more than WB."""
    speeds = write_seconds(platform)
    return sum(
        count * writes_per_touch * (speeds[kind] - speeds[MemoryType.WB])
        for kind, count in touches.items()
    )
