"""Solve: from a wanted memory map to the fewest variable MTRRs, proved by lookup."""

from __future__ import annotations

from mtrrviz.analysis.solve.advice import Advice, NewlyCached, advise, judged, newly_cached
from mtrrviz.analysis.solve.alternatives import Choice, choice_words, exact_choices
from mtrrviz.analysis.solve.host_wanted import KEEP, Rest, host_wanted, refuse_unknown
from mtrrviz.analysis.solve.proof import Difference, differences
from mtrrviz.analysis.solve.solution import Solution, SolutionPair
from mtrrviz.analysis.solve.solution_formats import (
    FORMATS,
    solution_text,
    verdict_lines,
    write_note,
)
from mtrrviz.analysis.solve.solver import ALL_PAIRS, Limits, solve
from mtrrviz.analysis.solve.target import GUEST, Target, target_of
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
    "GUEST",
    "KEEP",
    "Advice",
    "Choice",
    "Difference",
    "Limits",
    "NewlyCached",
    "Piece",
    "Rest",
    "Solution",
    "SolutionPair",
    "Target",
    "WantedMap",
    "WantedRange",
    "advise",
    "choice_words",
    "differences",
    "exact_choices",
    "host_wanted",
    "judged",
    "newly_cached",
    "parse_wanted",
    "refuse_unknown",
    "solution_text",
    "solve",
    "target_of",
    "verdict_lines",
    "wanted_by_machine",
    "wanted_map",
    "write_note",
]
