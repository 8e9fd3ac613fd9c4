"""What a scenario's runs come to, in numbers: tables, problems, explanations, comparison.

Sentences are left out, so that words can be improved. Of tables too long to read a sum is kept.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.checks.check_output import problem_json
from mtrrviz.analysis.checks.sarif import sarif_log
from mtrrviz.analysis.comparing.compare import compare
from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.analysis.explaining.explain_json import explanation_json
from mtrrviz.analysis.explaining.page_moments import page_moments
from mtrrviz.analysis.explaining.step_events import step_events
from mtrrviz.analysis.solve import Limits, solve, wanted_by_machine
from mtrrviz.analysis.solve.solution_formats import (
    FORMATS,
    solution_json,
    solution_text,
)
from mtrrviz.core.policies import policy_ids
from mtrrviz.exporters.host_results import host_run_result
from mtrrviz.exporters.results import run_result
from mtrrviz.session.exchange.exporting import export_parts
from mtrrviz.sim import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run, State

_MOST_LINES = 48


def told_by_runs(scenario: Scenario) -> str:
    """Return the lines."""
    of_kind = _host if scenario.machine.is_host else _guest
    return "\n".join(of_kind(scenario)) + "\n"


def _host(scenario: Scenario) -> Iterator[str]:
    run = simulate(scenario, "per-vcpu")
    end = run.at(scenario.duration_ns)
    yield f"result {_numbers(host_run_result(run))}"
    yield from _table("events", [end])
    for vcpu in range(min(scenario.machine.vcpus, 2)):
        yield from _table("ranges", [end], vcpu)
    yield from _problems(end)
    yield from _explanations(end)


def _guest(scenario: Scenario) -> Iterator[str]:
    runs = {policy: simulate(scenario, policy) for policy in policy_ids()}
    for policy, run in runs.items():
        yield f"result {policy} {_numbers(run_result(run))}"
        yield from _table("zaps", [run.at(0)])
        yield from _table("leaves", [run.at(0)], most=0)
    run, other = runs["per-vcpu"], runs["per-vm"]
    yield from _table("events", [run.at(0)])
    yield from _table("faults", [run.at(0)], most=0)
    yield from _table("trace", [run.at(0)], most=0)
    yield from _comparison(run, other)
    yield from _solution(scenario)
    for time_ns in (scenario.duration_ns // 2, scenario.duration_ns):
        states = [run.at(time_ns), other.at(time_ns)]
        yield from _table("ranges", states[:1])
        yield from _table("differences", states)
        yield from _problems(states[0])
        yield from _explanations(states[0])


def _table(name: str, states: list[State], vcpu: int = 0, most: int = _MOST_LINES) -> Iterator[str]:
    lines = "".join(export_parts(name, "csv", states, vcpu)).splitlines()
    if len(lines) <= most:
        yield from (f"{name} {_bare(line)}" for line in lines)
    else:
        # Sentences count here as well; they are short ones, of the model's own terms.
        found = hashlib.sha256("\n".join(map(_bare, lines)).encode()).hexdigest()
        yield f"{name} {len(lines)} lines {found[:16]}"


def _bare(line: str) -> str:
    return ",".join(map(_bare_cell, line.split(",")))


def _bare_cell(cell: str) -> str:
    """Return a cell without a sentence; numbers with as many digits as all systems agree on."""
    if " " in cell:
        return "..."
    return f"{float(cell):.9g}" if cell.replace(".", "", 1).isdecimal() and "." in cell else cell


def _comparison(run: Run, other: Run) -> Iterator[str]:
    found = compare(run, other)
    for figure in found.figures:
        yield f"figure {' | '.join(figure.cells()[1:])} {figure.difference:.6g}"
    history = found.history
    yield f"differ from {history.first_ns}: {history.changes_ns[:20]}"


def _solution(scenario: Scenario) -> Iterator[str]:
    """Yield the registers that the machine's layout asks for, with eight pairs and with two."""
    wanted = wanted_by_machine(scenario.machine, None)
    for pairs in (8, 2):
        solution = solve(wanted, Limits(pairs=pairs))
        yield f"solution {_numbers(solution_json(solution))}"
        for form in FORMATS:
            words = solution_text(solution, form).split()
            yield f"solution {form} {' '.join(w for w in words if any(map(str.isdigit, w)))}"


def _problems(state: State) -> Iterator[str]:
    problems = check(state)
    for problem in problems:
        yield f"problem {_numbers(problem_json(problem))}"
    yield f"sarif {_numbers(sarif_log(problems, 'file.toml')['runs'][0]['results'])}"


def _explanations(state: State) -> Iterator[str]:
    scenario, spec = state.run.scenario, state.run.scenario.machine
    for region in dict.fromkeys((*spec.regions[:6], *spec.regions[-2:])):
        for gfn, vcpu in ((region.first_gfn, 0), (region.end_gfn - 1, spec.vcpus - 1)):
            found = explain(state, gfn, vcpu)
            events = step_events(scenario, state.time_ns, found.steps)
            moments = page_moments(state.run, gfn, state.time_ns)
            said = explanation_json(found, scenario.name, events, moments)
            said.pop("pat")  # as long as the rest, and a function of the leaf
            yield f"page {_numbers(said)}"


def _numbers(value: Any) -> str:
    return json.dumps(_without_sentences(value), separators=(",", ":"))


def _without_sentences(value: Any) -> Any:
    """Return JSON values without sentences, and without what there is none of."""
    if isinstance(value, dict):
        kept = {key: _without_sentences(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in (None, "...", [], {})}
    if isinstance(value, list):
        return [_without_sentences(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return "..." if isinstance(value, str) and " " in value else value
