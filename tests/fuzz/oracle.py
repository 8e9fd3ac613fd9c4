"""What must hold whatever the bytes: an import or a scenario that plays, or one clear error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.checks.check_output import problem_json
from mtrrviz.analysis.checks.sarif import sarif_log
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.trace.mismatch_causes import mismatch_causes
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.importers.reading import KEPT_UNKNOWN
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.sim import simulate

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mtrrviz.importers import Import, SourceReport
    from mtrrviz.scenario.model import Scenario

POLICIES = ("per-vcpu", "per-vm")

MAX_MESSAGE_CHARS = 1000
"""Longest message that still fits a dialog."""

MAX_TOUCHES = 20_000
"""More touches than this are not played: slow there is no finding."""

MAX_NAMED_PAGES = 1 << 20
"""More pages that sweeps name are not made touches: each takes some 65 bytes, by a line of text."""

MAX_CHECKED_EVENTS = 1000
"""More events than this are neither checked nor saved, for the same reason."""


def check_message(error: MtrrvizError) -> None:
    """An error is one line that fits a dialog and could be printed."""
    message = str(error)
    assert message.strip(), "an error without words"
    assert "\n" not in message, f"an error of several lines: {message!r}"
    assert len(message) < MAX_MESSAGE_CHARS, f"an error of {len(message)} characters"
    message.encode()


@contextmanager
def clear_errors() -> Generator[None]:
    """Let the program's own errors pass, if they are fit to be shown."""
    try:
        yield
    except MtrrvizError as error:
        check_message(error)


def check_import(result: Import, content: bytes) -> None:
    """An import accounts for every line, and what it made is in order."""
    for report in result.sources:
        check_report(report)
    if is_plain(content) and len(result.sources) == 1:
        lines = content.count(b"\n") + bool(content.rpartition(b"\n")[2].replace(b"\r", b""))
        assert result.sources[0].lines == lines, f"{result.sources[0].lines} lines of {lines}"
    for note in result.notes:
        assert "\n" not in str(note)
    check_order(result.scenario)


def is_plain(content: bytes) -> bool:
    """Return whether a text is read as it is: UTF-8, not packed, nothing to be mended in it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    mended = "\0\x1b\u200b\u200c\u200d\u2060\ufeff"
    return not content.startswith(b"\x1f\x8b") and not set(text) & set(mended)


def check_report(report: SourceReport) -> None:
    """Unknown lines are counted, and the first of them shown by ascending number."""
    numbers = [number for number, _ in report.unknown]
    assert len(numbers) == min(report.unknown_lines, KEPT_UNKNOWN)
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= report.lines for number in numbers)
    assert report.unknown_lines <= report.lines


def is_playable(scenario: Scenario) -> bool:
    """Return whether a scenario has so few touches that it can be asked to play fast."""
    return names_few_pages(scenario) and len(scenario.touches) <= MAX_TOUCHES


def names_few_pages(scenario: Scenario) -> bool:
    """Return whether touches can be made of what sweeps name at the cost of an input."""
    return sum(sweep.pages for sweep in scenario.sweeps) <= MAX_NAMED_PAGES


def check_scenario(scenario: Scenario) -> None:
    """A scenario is in order, plays under two policies, and can be checked."""
    check_order(scenario)
    if not is_playable(scenario):
        return
    # A real machine runs under none: once is as good as twice.
    for policy in POLICIES[:1] if scenario.machine.is_host else POLICIES:
        run = simulate(scenario, policy)
        if len(scenario.events) <= MAX_CHECKED_EVENTS:
            problems = check(run.at(scenario.duration_ns))
            assert all(problem_json(problem)["title"] for problem in problems)
            sarif_log(problems, "fuzz")
        count = trace_check(run).mismatch_count
        assert len(mismatch_causes(run)) == count <= len(scenario.observed)


def check_saved(scenario: Scenario, directory: Path) -> None:
    """A scenario that was saved is the same one when it is loaded."""
    if len(scenario.events) > MAX_CHECKED_EVENTS:
        return
    again = parse_scenario(scenario_text(scenario), "fuzz", directory)
    assert again.events == scenario.events
    assert again.machine == scenario.machine


def check_order(scenario: Scenario) -> None:
    """Times do not go back or beyond the end, and nothing speaks of a vCPU that there is not."""
    vcpus, end_ns = scenario.machine.vcpus, scenario.duration_ns
    times = [event.time_ns for event in scenario.events]
    assert times == sorted(times), "events are not in order"
    assert not times or (times[0] >= 0 and times[-1] <= end_ns)
    assert all(0 <= event.vcpu < vcpus for event in scenario.events)
    assert all(0 <= event.value < 1 << 64 for event in scenario.events)
    if not names_few_pages(scenario):
        return
    touches = scenario.touches
    assert np.all(touches.time_ns[1:] >= touches.time_ns[:-1]), "touches are not in order"
    assert not len(touches) or (touches.time_ns[0] >= 0 and touches.time_ns[-1] <= end_ns)
    assert not len(touches) or int(touches.vcpu.max()) < vcpus
