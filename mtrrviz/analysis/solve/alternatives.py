"""Other choices than those made that have an exact answer, found by trying them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.solve.solver import Limits, solve_exactly
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mtrrviz.analysis.solve.solution import Solution
    from mtrrviz.analysis.solve.target import Target
    from mtrrviz.analysis.solve.wanted import WantedMap


class Choice(Record):
    """Something to choose instead: how to say it, the map it asks for, and what it may use.

    ``risk`` is what is to be known before, "" for nothing.
    """

    words: str
    wanted: Callable[[], WantedMap]
    limits: Limits
    risk: str = ""


def exact_choices(choices: Iterable[Choice], target: Target) -> list[tuple[Choice, Solution]]:
    """Return the choices that have an exact answer, with it, in their order."""
    tried = ((choice, solve_exactly(choice.wanted(), choice.limits, target)) for choice in choices)
    return [(choice, solution) for choice, solution in tried if solution is not None]


def choice_words(choice: Choice, solution: Solution) -> str:
    """Say what a choice takes."""
    count = len(solution.pairs)
    return (
        f"{choice.words} has an exact answer: {count} of {solution.target.pairs} variable pairs,"
        f" default type {solution.default.name}{f' ({choice.risk})' if choice.risk else ''}"
    )
