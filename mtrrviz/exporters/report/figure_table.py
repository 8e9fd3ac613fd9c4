"""The figures of one run or two as a table, each marked as replayed or as modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.exporters.report.html_markup import Content, Markup, join, table, tag
from mtrrviz.facts.figures import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mtrrviz.exporters.report.contents import Reported
    from mtrrviz.facts.figures import Figures
    from mtrrviz.sim.run import Run

_MOST_VCPUS = 64


class _FigureLine(Record):
    """A line of the table: its name, whether a model made it, its value and its decimals."""

    name: str
    is_modelled: bool
    value: Callable[[Figures], float]
    decimals: int = 0


_FIGURES = (
    _FigureLine("zaps", False, lambda s: s.zap_count),
    _FigureLine("of these contended", False, lambda s: s.contended_zaps),
    _FigureLine("leaves that zaps dropped", False, lambda s: s.leaves_dropped),
    _FigureLine("faults that made a leaf", False, lambda s: s.faults),
    _FigureLine("of these of pages mapped before", False, lambda s: s.refaults),
    _FigureLine("million cycles spent zapping", True, lambda s: s.zap_mcycles, 2),
    _FigureLine("seconds of boot that zaps add", True, lambda s: s.stall_s, 3),
    _FigureLine("seconds of boot in all", True, lambda s: s.boot_s, 2),
)


def figure_table(runs: Sequence[Run]) -> Markup:
    """Return the figures of whole runs, with the difference if there are two."""
    header = ["figure", "", *(run.policy.id for run in runs)]
    if len(runs) == 2:
        header.append("difference")
    rows = [_row(figure, runs) for figure in _FIGURES]
    rows += [_cause_row(cause, runs) for cause in _causes(runs)]
    return table(
        header, rows, [at >= 2 for at in range(len(header))], "Figures of the whole scenario"
    )


def _row(figure: _FigureLine, runs: Sequence[Run]) -> list[Content]:
    values = [figure.value(figures(run)) for run in runs]
    mark = badge(figure.is_modelled, runs[0].costs.label)
    return [figure.name, mark, *_cells(values, figure.decimals)]


def _cells(values: Sequence[float], decimals: int) -> Iterator[str]:
    yield from (f"{value:,.{decimals}f}" for value in values)
    if len(values) == 2:
        yield f"{values[1] - values[0]:+,.{decimals}f}"


def badge(is_modelled: bool, label: str = "modelled") -> Markup:
    """Return a mark that tells what a model made (``label``) from what the replay counted."""
    return tag("span", label if is_modelled else "replayed", class_="badge")


def _causes(runs: Sequence[Run]) -> list[str]:
    """Return the causes that zaps of any of the runs had."""
    return [
        cause
        for cause in figures(runs[0]).zaps_by_cause
        if any(figures(run).zaps_by_cause[cause] for run in runs)
    ]


def _cause_row(cause: str, runs: Sequence[Run]) -> list[Content]:
    values = [figures(run).zaps_by_cause[cause] for run in runs]
    return [f"zaps by {cause}", badge(is_modelled=False), *_cells(values, 0)]


def per_vcpu(runs: Sequence[Run]) -> Markup:
    """Return the zaps of each vCPU, of the first ones of very many."""
    vcpus = range(min(runs[0].scenario.machine.vcpus, _MOST_VCPUS))
    rows = [
        [run.policy.id, *(str(figures(run).zaps_per_vcpu[vcpu]) for vcpu in vcpus)] for run in runs
    ]
    header = ["zaps of vCPU", *map(str, vcpus)]
    return table(header, rows, [at >= 1 for at in range(len(header))], "Zaps by vCPU, replayed")


def published(reported: Sequence[Reported]) -> Markup:
    """Return what was measured and published of these boots, nothing if nothing was."""
    lines = [(each.state.run.policy.id, line) for each in reported for line in each.published]
    if not lines:
        return Markup()
    items = [tag("li", tag("b", policy), f": {line}") for policy, line in lines]
    return join([tag("h3", "Measured and published"), tag("ul", *items)])
