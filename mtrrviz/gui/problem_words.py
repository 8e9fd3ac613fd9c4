"""A problem as a page of text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.output import where_words

if TYPE_CHECKING:
    from mtrrviz.analysis.checks import Problem


def problem_html(problem: Problem) -> str:
    """Return title, place, cause, remedy and source of a problem as HTML."""
    where = where_words(problem.where)
    return (
        f"<p><b>{escape(problem.title)}</b></p>"
        + (f"<p>{escape(where)}</p>" if where else "")
        + f"<p><b>Why it matters.</b> {escape(problem.why)}</p>"
        f"<p><b>How to mend it.</b> {escape(problem.remedy)}</p>"
        f"<p><small>Source: {escape(problem.source)}</small></p>"
    )
