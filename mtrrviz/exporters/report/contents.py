"""What a report is made from: states of runs with what other layers know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.exporters.range_table import MappedRange
    from mtrrviz.sim.run import State


@dataclass(frozen=True)
class Reported:
    """One run at the time of the map.

    ``ranges`` is the map then, as ``vcpu`` sees it; ``published`` are measurements of this boot
    under this policy that were published, a line each.
    """

    state: State
    vcpu: int
    ranges: tuple[MappedRange, ...]
    published: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportedDifferences:
    """Where the EPTs of two runs differ at the time of the map, in words.

    ``first`` says when they differ for the first time. ``total`` counts the ranges, of which
    ``rows`` may be the first ones only.
    """

    first: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
