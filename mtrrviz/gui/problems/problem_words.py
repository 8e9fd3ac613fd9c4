"""A problem as a page of text, and the problems in a sentence."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.check_output import where_words
from mtrrviz.core.units import format_time_ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.checks import Problem

EVENT_LINK = "time"
"""Scheme of links that lead to a time, in nanoseconds."""


def problem_html(problem: Problem) -> str:
    """Return title, place, cause, remedy and source of a problem as HTML.

    The time of the event that made it is a link.
    """
    where = escape(where_words(problem))
    since_ns = problem.where.since_ns
    if since_ns is not None:
        where += f' (<a href="{EVENT_LINK}:{since_ns}">go there</a>)'
    return (
        f"<p><b>{escape(problem.severity.value)}: {escape(problem.title)}</b></p>"
        + (f"<p>{where}</p>" if where else "")
        + f"<p><b>Why it matters.</b> {escape(problem.why)}</p>"
        f"<p><b>How to fix it.</b> {escape(problem.remedy)}</p>"
        f"<p><small>Rule {escape(problem.rule)}. Source: {escape(problem.source)}</small></p>"
    )


def summary_words(problems: Sequence[Problem], time_ns: int, *, is_host: bool = False) -> str:
    """Return how many problems of each severity there are, of a guest at a time."""
    where = "On all CPUs" if is_host else f"At {format_time_ns(time_ns)}, on all vCPUs"
    if not problems:
        return f"{where}: no problems found."
    counts = Counter(problem.severity.value for problem in problems)
    parts = [f"{number} {word}{'' if number == 1 else 's'}" for word, number in counts.items()]
    return f"{where}: {', '.join(parts)}."
