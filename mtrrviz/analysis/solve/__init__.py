"""Mend: from a wanted memory map to the fewest variable MTRRs, proved by lookup."""

from __future__ import annotations

from mtrrviz.analysis.solve.proof import Difference, differences
from mtrrviz.analysis.solve.solution import Pair, Solution
from mtrrviz.analysis.solve.solution_formats import (
    FORMATS,
    solution_text,
    verdict_lines,
    write_note,
)
from mtrrviz.analysis.solve.solver import ALL_PAIRS, Limits, solve
from mtrrviz.analysis.solve.wanted import (
    Piece,
    WantedMap,
    WantedRange,
    parse_wanted,
    wanted_by_machine,
    wanted_map,
)

__all__ = [
    "ALL_PAIRS",
    "FORMATS",
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
    "verdict_lines",
    "wanted_by_machine",
    "wanted_map",
    "write_note",
]
