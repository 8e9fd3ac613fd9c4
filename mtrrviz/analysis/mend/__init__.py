"""Mend: from a wanted memory map to the fewest variable MTRRs, proved by lookup."""

from __future__ import annotations

from mtrrviz.analysis.mend.formats import FORMAT_IDS, solution_text
from mtrrviz.analysis.mend.proof import Difference, differences
from mtrrviz.analysis.mend.solution import Pair, Solution
from mtrrviz.analysis.mend.solver import Limits, solve
from mtrrviz.analysis.mend.wanted import (
    Piece,
    WantedMap,
    WantedRange,
    parse_wanted,
    wanted_by_machine,
    wanted_map,
)

__all__ = [
    "FORMAT_IDS",
    "Difference",
    "Limits",
    "Pair",
    "Piece",
    "Solution",
    "WantedMap",
    "WantedRange",
    "differences",
    "parse_wanted",
    "solution_text",
    "solve",
    "wanted_by_machine",
    "wanted_map",
]
