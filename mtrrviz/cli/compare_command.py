"""The command `compare`: two policies beside each other, and where their EPTs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.units import PAGE_SHIFT, format_size
from mtrrviz.exporters.comparison import range_values
from mtrrviz.exporters.text_tables import one_line, text_table
from mtrrviz.facts.differences import DIFFERENT
from mtrrviz.facts.tables.difference_rows import kind_words
from mtrrviz.facts.time_text import exact_text
from mtrrviz.session.exchange.exporting import differences_at

if TYPE_CHECKING:
    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.facts.differences import Differences
    from mtrrviz.facts.tables.difference_rows import DifferenceRows

_MOST_ROWS = 40
"""Ranges that the text lists; JSON lists all."""
_KIND_KEYS = {kind: kind.name.lower() for kind in DIFFERENT}


def comparison_text(comparison: Comparison, time_ns: int) -> str:
    """Return the results in two columns, the first difference, and the ranges at a time."""
    names = comparison.policies
    differences = comparison.at(time_ns)
    blocks = [
        _results(comparison, names),
        [_first_words(comparison.history.first_ns)],
        _kinds(differences, names, time_ns),
        _ranges(differences_at(comparison, time_ns)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _results(comparison: Comparison, names: tuple[str, str]) -> list[str]:
    scenario = comparison.run_a.scenario
    rows = [figure.cells() for figure in comparison.figures]
    title = one_line(f"{scenario.title} ({scenario.name})")
    return [title, "", *text_table(("", *names, "difference"), rows)]


def _first_words(first_ns: int | None) -> str:
    if first_ns is None:
        return "The two EPTs never differ."
    return f"The two EPTs first differ at {exact_text(first_ns)}."


def _kinds(differences: Differences, names: tuple[str, str], time_ns: int) -> list[str]:
    pages = differences.pages_by_kind()
    parts = [
        f"  {kind_words(kind, *names)}: {format_size(pages[kind] << PAGE_SHIFT)}"
        for kind in DIFFERENT
        if pages[kind]
    ]
    when = f"at {exact_text(time_ns)}"
    return [f"Differing {when}:", *parts] if parts else [f"No page differs {when}."]


def _ranges(rows: DifferenceRows) -> list[str]:
    if not len(rows):
        return []
    shown = [rows.texts(row) for row in range(min(len(rows), _MOST_ROWS))]
    lines = text_table(rows.titles, shown, left_columns=len(rows.shown))
    more = len(rows) - len(shown)
    return [*lines, f"... and {more} more (--json lists all)"] if more else lines


def comparison_json(comparison: Comparison, time_ns: int) -> dict[str, Any]:
    """Return all of it as JSON values; `mtrrviz compare --help` says what each key means."""
    differences = comparison.at(time_ns)
    pages = differences.pages_by_kind()
    first_ns = comparison.history.first_ns
    return {
        "scenario": comparison.run_a.scenario.name,
        "policies": list(comparison.policies),
        "figures": {
            figure.key: {
                "a": round(figure.a, 6),
                "b": round(figure.b, 6),
                "difference": round(figure.difference, 6),
            }
            for figure in comparison.figures
        },
        "first_difference_s": None if first_ns is None else first_ns / 1e9,
        "time_s": time_ns / 1e9,
        "differing_bytes": {key: pages[kind] << PAGE_SHIFT for kind, key in _KIND_KEYS.items()},
        "ranges": range_values(differences_at(comparison, time_ns)),
    }
