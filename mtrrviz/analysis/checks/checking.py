"""check: all rules over a run at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.checks import rules
from mtrrviz.analysis.checks.added_rules import add_rules
from mtrrviz.analysis.checks.problem import Problem, Severity
from mtrrviz.analysis.checks.rule_registry import rules_for
from mtrrviz.analysis.checks.subject import Subject
from mtrrviz.core.bulk_work import bulk_work
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.sim.run import Run

if TYPE_CHECKING:
    from mtrrviz.sim.run import State

rules.load()
_ORDER = {severity: place for place, severity in enumerate(Severity)}


@bulk_work()
def check(subject: State | Run, vcpu: int | None = None) -> list[Problem]:
    """Return the problems of a state, or of a run at its end, worst first.

    With ``vcpu`` only that vCPU is looked at. Raises MtrrvizError if there is no such vCPU.
    """
    state = subject.at(subject.scenario.duration_ns) if isinstance(subject, Run) else subject
    count = state.run.scenario.machine.vcpus
    if vcpu is not None and not 0 <= vcpu < count:
        raise MtrrvizError(f"no vCPU {vcpu}: this machine has 0 to {count - 1}")
    add_rules()
    seen = Subject(state, range(count) if vcpu is None else (vcpu,))
    found = [problem for rule in rules_for(seen.spec.kind) for problem in rule.problems(seen)]
    return sorted(found, key=lambda problem: _ORDER[problem.severity])


def is_bad(problem: Problem) -> bool:
    """Return whether a problem is worse than a note."""
    return problem.severity is not Severity.NOTE
