"""The sections of a report, each from the runs that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.exporters.report.figure_table import badge, figure_table, per_vcpu, published
from mtrrviz.exporters.report.html_markup import Content, Markup, join, table, tag
from mtrrviz.exporters.report.map_picture import map_picture
from mtrrviz.exporters.report.report_style import VCPU_COLOURS
from mtrrviz.facts.tables.zap_rows import ZapRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.core.costs.cost import Constant
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.exporters.report.contents import Reported, ReportedDifferences
    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.sim.run import Run

MOST_ROWS = 500
"""Rows of a table in the report; `mtrrviz export` writes all of them."""
_ZAP_KEYS = (
    *("zap", "time_s", "phase", "vcpu", "cause", "ranges", "size_bytes"),
    *("leaves_dropped", "modelled_cycles", "rivals"),
)


def section(title: str, *content: Content) -> Markup:
    """Return a section under a title."""
    return tag("section", tag("h2", title), *content)


def summary(reported: Sequence[Reported]) -> Markup:
    """Return the figures of the runs beside each other."""
    runs = [each.state.run for each in reported]
    note = tag(
        "p", "What is marked ", badge(is_modelled=False), " comes out of replaying the scenario's "
        "events. What is marked ", badge(is_modelled=True), " comes from a model of costs, whose "
        "constants are at the end.",
    )  # fmt: skip
    return section(
        "Summary",
        note,
        *_changed_note(runs[0]),
        figure_table(runs),
        per_vcpu(runs),
        published(reported),
    )


def _changed_note(run: Run) -> list[Markup]:
    """Say which constants are not those of the model."""
    if run.costs.is_default:
        return []
    words = f"Constants of the model were changed by hand: {run.costs.changes_text}."
    return [tag("p", tag("b", words))]


def zaps(run: Run) -> Markup:
    """Return the zaps of a run as a table to fold out."""
    rows = ZapRows(run)
    details = tag(
        "details",
        tag("summary", f"{len(rows):,} zaps, one by one"),
        fact_table(rows, _ZAP_KEYS, "zaps"),
    )
    return section(
        f"Zaps under {run.policy.id}", details if len(rows) else tag("p", "There are none.")
    )


def fact_table(rows: FactRows, keys: Sequence[str], what: str) -> Markup:
    """Return columns of a table of facts, at most :data:`MOST_ROWS` rows of it."""
    shown = min(len(rows), MOST_ROWS)
    columns = [rows.column(key) for key in keys]
    body = ([column.text(rows, row) for column in columns] for row in range(shown))
    return table(
        [rows.title(key) for key in keys],
        body,
        [column.unit.is_number for column in columns],
        _shown(shown, len(rows), what),
    )


def _shown(rows: int, total: int, what: str) -> str:
    if rows == total:
        return f"All {total:,} {what}"
    return f"The first {rows:,} of {total:,} {what}; mtrrviz export writes all"


def memory_map(reported: Reported) -> Markup:
    """Return the map of a run as a picture and as a table."""
    state, policy = reported.state, reported.state.run.policy.id
    words = f"Memory types of the EPT under {policy} at {state.time_ns / 1e9:.3f} s"
    note = tag(
        "p", "Solid: leaves. Tinted: no leaf; the type that the next fault of "
        f"vCPU {reported.vcpu} would get. Hatched: no memory slot, so never a leaf. Underlined: "
        "stale, a leaf of another type or IPAT than the next fault would get.", class_="dim",
    )  # fmt: skip
    return section(
        f"Map under {policy} at {state.time_ns / 1e9:.3f} s",
        note,
        legend([(f"s{t.value}", f"{t.name} {t.long_name}") for t in MEMORY_TYPES]),
        map_picture(reported.map.items, words),
        tag(
            "details",
            tag("summary", f"{len(reported.map):,} ranges, one by one"),
            fact_table(reported.map, reported.map.shown, "ranges"),
        ),
    )


def vcpu_legend(vcpus: int) -> Markup:
    """Say which colour is whose; vCPUs beyond the colours share them."""
    colours = range(min(vcpus, VCPU_COLOURS))
    return legend(
        [(f"b{n}", "vCPU " + ", ".join(map(str, range(n, vcpus, VCPU_COLOURS)))) for n in colours]
    )


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Return a line of colours (classes of the style sheet) with their words."""
    items = [
        tag("span", tag("span", class_=f"swatch {colour}"), words) for colour, words in entries
    ]
    return tag("p", *items, class_="legend")


def where_they_differ(differences: ReportedDifferences) -> Markup:
    """Return where two EPTs differ at the time of the map."""
    rows, first_ns = differences.rows, differences.first_ns
    first = "The two EPTs never differ."
    if first_ns is not None:
        first = f"They differ for the first time at {first_ns / 1e9:.6f} s."
    body = fact_table(rows, rows.shown, "ranges") if len(rows) else tag("p", "Nowhere.")
    return section(f"Where the EPTs differ at {rows.at_ns / 1e9:.3f} s", tag("p", first), body)


def story(policy: Policy) -> Markup:
    """Return what a policy does, why it came and how it fared."""
    parts = (
        ("What it does", policy.summary),
        ("Changed", policy.changed),
        ("Why", policy.why),
        ("Fate", policy.fate),
        ("Source", policy.source),
    )
    paragraphs = [tag("p", tag("b", f"{name}: "), words) for name, words in parts if words]
    defects = [tag("li", defect) for defect in policy.defects]
    if defects:
        paragraphs.append(join([tag("p", tag("b", "Known defects:")), tag("ul", *defects)]))
    return section(
        f"Policy {policy.id}: {policy.title}", tag("p", policy.versions, class_="dim"), *paragraphs
    )


def constants(run: Run) -> Markup:
    """Return the constants behind all that is modelled, with their sources."""
    defaults = {entry.constant: entry.default for entry in run.costs.entries() if entry.is_changed}
    rows = [
        (f"{c.value:g} {c.unit}", c.meaning, c.source, _fit_words(c, defaults.get(c)))
        for c in run.costs.constants()
    ]
    header = ("value", "meaning", "source", "fitted to")
    return section(
        "Constants of the model", table(header, rows, [False] * 4, "Modelled figures use these")
    )


def _fit_words(constant: Constant, default: Constant | None) -> str:
    """Return what a constant was fitted to; one that was changed to no measurement at all."""
    if default is None:
        return constant.fitted_to
    return f"changed by hand; the model has {default.value:g} {default.unit}"
