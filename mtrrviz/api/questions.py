"""What is asked of scenarios and runs: state, explanation, problems, registers, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis import sweep as sweeping
from mtrrviz.analysis.checks import Problem
from mtrrviz.analysis.checks import check as find_problems
from mtrrviz.analysis.checks.check_output import problems_text
from mtrrviz.analysis.comparing.compare import compare as compare_runs
from mtrrviz.analysis.explaining.explain import explain as explain_page
from mtrrviz.analysis.explaining.explain_text import explanation_text
from mtrrviz.analysis.explaining.page_moments import page_moments
from mtrrviz.analysis.explaining.step_events import step_events
from mtrrviz.analysis.solve import (
    KEEP,
    Advice,
    Limits,
    advise,
    host_wanted,
    parse_wanted,
    target_of,
    wanted_by_machine,
    wanted_map,
)
from mtrrviz.api.quantities import Address, Time, gfn, ns
from mtrrviz.api.sweep_table import SweepTable, sweep_table
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.policies import DEFAULT_POLICY_ID, get_policy, policy_ids
from mtrrviz.core.wording.html_table import html_table
from mtrrviz.scenario.value_check import choice, refused
from mtrrviz.sim.cost_model import DEFAULT_COSTS, CostModel
from mtrrviz.sim.replay import machine_at
from mtrrviz.sim.run import Run, State
from mtrrviz.sim.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.analysis.explaining.explanation import Explanation
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.scenario.model import Scenario


def policies() -> tuple[Policy, ...]:
    """Return all policies of KVM, those of plug-ins included."""
    return tuple(map(get_policy, policy_ids()))


def state(run: Run | State, t: Time | None = None) -> State:
    """Return a run at a time (seconds, or "6.9 s"), at its end without one."""
    if isinstance(run, State):
        return run if t is None else run.run.at(ns(t, "t"))
    return run.at(run.scenario.duration_ns if t is None else ns(t, "t"))


def explain(
    run: Run | State, page: Address, *, vcpu: int = 0, t: Time | None = None
) -> Explanation:
    """Return why the page at an address has its type: each rule that had a say, in order."""
    return explain_page(state(run, t), gfn(page, "page"), vcpu)


def explain_text(run: Run | State, page: Address, *, vcpu: int = 0, t: Time | None = None) -> str:
    """Return the explanation of a page in words, as `mtrrviz explain` prints it."""
    now = state(run, t)
    found = explain(now, page, vcpu=vcpu)
    scenario = now.run.scenario
    numbers = step_events(scenario, now.time_ns, found.steps)
    events = [None if number is None else scenario.events[number] for number in numbers]
    return explanation_text(found, events, page_moments(now.run, found.gfn, now.time_ns))


class Problems(tuple[Problem, ...]):
    """What a check found, worst first."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} problems: {', '.join(one.rule for one in self) or 'none'}>"

    def __str__(self) -> str:
        return problems_text(list(self))

    def _repr_html_(self) -> str:
        return html_table(
            ("severity", "rule", "what", "remedy"),
            [(one.severity, one.rule, one.title, one.remedy) for one in self],
        )


def check(run: Run | State, *, t: Time | None = None, vcpu: int | None = None) -> Problems:
    """Return what is wrong with a machine's memory types at a time, worst first."""
    return Problems(find_problems(state(run, t), vcpu))


def mend(
    scenario: Scenario,
    wanted: str | None = None,
    *,
    t: Time | None = None,
    rest: str | None = None,
    pairs: int | None = None,
    default: MemoryType | str | None = None,
    use_fixed: bool = True,
) -> Advice:
    """Return the fewest registers for a wanted map, proven page by page, as `mtrrviz solve` does.

    ``wanted`` are lines START SIZE TYPE; without them the machine's own map. ``rest`` is the type
    of what no line names, or "any". Look at ``is_given`` before ``solution`` is used: registers
    that would cache a device of a real machine are not given.
    """
    spec = scenario.machine
    at_ns = scenario.duration_ns if t is None else ns(t, "t")
    machine = machine_at(scenario, DEFAULT_POLICY_ID, at_ns)
    usual = None if spec.is_host and wanted is None else MemoryType.UC
    kind = usual if rest is None else None if rest == "any" else _type(rest, "rest")
    if wanted is not None:
        found = wanted_map(parse_wanted(wanted, "wanted"), spec.maxphyaddr, kind)
    elif spec.is_host:
        found = host_wanted(spec, machine, KEEP if rest is None else kind)
    else:
        found = wanted_by_machine(spec, kind)
    most = target_of(spec, machine).pairs
    if pairs is not None and not 0 <= pairs <= most:
        raise refused("pairs", pairs, f"0 to {most}")
    limits = Limits(pairs, None if default is None else _type(default, "default"), use_fixed)
    return advise(spec, machine, found, limits, is_own=wanted is None)


def _type(kind: MemoryType | str, place: str) -> MemoryType:
    if isinstance(kind, str):
        if kind not in MemoryType.__members__:
            raise refused(place, kind, f"one of {', '.join(MemoryType.__members__)}")
        return MemoryType[kind]
    return choice(kind, MemoryType, place)


def compare(
    scenario: Scenario | Run,
    first: Policy | str | Run = "per-vcpu",
    second: Policy | str = "per-vm",
    *,
    costs: CostModel = DEFAULT_COSTS,
) -> Comparison:
    """Return two policies beside each other over a scenario, or two runs of one scenario."""
    if isinstance(scenario, Run):
        if not isinstance(first, Run):
            raise refused("first", first, "the second run")
        return compare_runs(scenario, first)
    if isinstance(first, Run):
        raise refused("first", first, "a policy, as the scenario comes first")
    runs = [simulate(scenario, policy, costs) for policy in (first, second)]
    return compare_runs(*runs)


def sweep(
    vcpus: Iterable[int] = (1, 2, 4, 8, 16),
    memory_gib: Iterable[float] = (2,),
    policies: Iterable[Policy | str] = ("per-vcpu", "per-vm"),
    *,
    firmware: str = "ovmf",
    costs: CostModel = DEFAULT_COSTS,
    processes: int | None = None,
) -> SweepTable:
    """Return how zaps, cycles and boot times grow, over generated boots of every combination.

    A script that has no ``if __name__ == "__main__":`` runs in one process, with a warning.
    """
    axes = tuple(vcpus), tuple(memory_gib), tuple(policies)
    rows = sweeping.sweep(firmware, *axes, costs=costs, processes=processes)
    return sweep_table(rows)
