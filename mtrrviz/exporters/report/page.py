"""The report as one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz import __version__
from mtrrviz.core.units import format_size
from mtrrviz.exporters.report import sections
from mtrrviz.exporters.report.html_markup import Markup, tag
from mtrrviz.exporters.report.player.player_section import SCRIPT_SOURCE, playback
from mtrrviz.exporters.report.report_style import style_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.exporters.report.contents import Reported, ReportedDifferences
    from mtrrviz.scenario.model import Scenario

_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; script-src {SCRIPT_SOURCE}"
"""What a browser may load for the page: nothing; and run: the one script that is in it."""


def report_parts(
    reported: Sequence[Reported], differences: ReportedDifferences | None = None
) -> Iterator[str]:
    """Yield a report of one run or two of one scenario, section by section.

    ValueError for any other number of runs.
    """
    if len(reported) not in (1, 2):
        raise ValueError(f"a report is of one run or of two, not of {len(reported)}")
    run = reported[0].state.run
    yield _head(reported)
    yield _title(run.scenario, reported)
    yield sections.summary(reported)
    yield playback(reported)
    for each in reported:
        yield sections.memory_map(each)
    if differences is not None:
        yield sections.where_they_differ(differences)
    for each in reported:
        yield sections.zaps(each.state.run)
    for each in reported:
        yield sections.story(each.state.run.policy)
    yield sections.constants(run)
    yield "</main>\n</body>\n</html>\n"


def _names(reported: Sequence[Reported]) -> str:
    return " and ".join(each.state.run.policy.id for each in reported)


def _head(reported: Sequence[Reported]) -> str:
    scenario = reported[0].state.run.scenario
    # Style sheets are no text: a browser reads them as they are, and nothing in ours is a user's.
    parts = (
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"mtrrviz {__version__}"),
        tag("title", f"{scenario.title}: {_names(reported)}"),
        tag("style", Markup(style_sheet())),
    )
    head = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n<main>\n'


def _title(scenario: Scenario, reported: Sequence[Reported]) -> Markup:
    machine = scenario.machine
    vcpus = f"{machine.vcpus} {'vCPU' if machine.vcpus == 1 else 'vCPUs'}"
    modelled = " (modelled)" if scenario.duration_is_modelled else ""
    facts = (
        f"{scenario.name}: {vcpus}, {format_size(machine.memory_bytes)} RAM, "
        f"{scenario.duration_ns / 1e9:.3f} s without zaps{modelled}, {len(scenario.events):,} "
        f"events, {len(scenario.touches):,} page touches. Policy {_names(reported)}. "
        f"Made by mtrrviz {__version__}."
    )
    about = [tag("p", line) for line in scenario.description.split("\n\n") if line.strip()]
    return tag("header", tag("h1", scenario.title), tag("p", facts, class_="dim"), *about)
