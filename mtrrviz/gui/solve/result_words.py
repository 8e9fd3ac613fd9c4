"""A solution as a page of text: the verdict, what there is now, and where the map is missed."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mtrrviz.analysis.solve import verdict_lines
from mtrrviz.core.wording.words import sentence

if TYPE_CHECKING:
    from mtrrviz.analysis.solve import Advice

_SHOWN = 40
"""Differences that are listed; more are counted."""


def result_html(advice: Advice, notes: list[str]) -> str:
    """Return the verdict in bold, cautions, sentences about now, and the ranges that are off."""
    solution = advice.solution
    verdict, *off = verdict_lines(solution)
    if not advice.is_given:
        verdict = f"no registers are given: {verdict}" if off else "no registers are given"
    mark = "\N{CHECK MARK}" if solution.is_exact and advice.is_given else "!"
    parts = [f"<p><b>{mark} {escape(sentence(verdict))}</b></p>"]
    if advice.lines:
        parts.append(f"<p>{'<br>'.join(escape(line) for line in advice.lines)}</p>")
    parts += [f"<p>{escape(note)}</p>" for note in notes if note]
    if off:
        rows = "<br>".join(escape(line) for line in off[:_SHOWN])
        more = f"<br>and {len(off) - _SHOWN} more" if len(off) > _SHOWN else ""
        parts.append(f"<p>{rows}{more}</p>")
    return "".join(parts)


def problem_html(problem: str) -> str:
    """Return why there is no solution at all."""
    return f"<p><b>! {escape(sentence(problem))}</b></p>"
