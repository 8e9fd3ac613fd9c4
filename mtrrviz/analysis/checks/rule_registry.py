"""The table of rules: a rule is a function with its words, entered by a decorator.

Modules of the package ``rules`` are found and imported by name, so a new one needs no entry in any
list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.problem import Finding, Problem, Severity
from mtrrviz.core.record import Record
from mtrrviz.scenario.machine_spec import MachineKind

if TYPE_CHECKING:
    from mtrrviz.analysis.checks.subject import Subject

RuleFunction = Callable[["Subject"], Iterable[Finding]]


GUESTS = frozenset({MachineKind.GUEST})
"""For rules about KVM and what it makes of MTRRs."""
HOSTS = frozenset({MachineKind.HOST})
"""For rules about real processors, and about what nobody told of their registers."""
ALL_MACHINES = GUESTS | HOSTS


class Rule(Record):
    """One rule: a stable id, the usual severity, what it looks for, why, remedy, source.

    ``machines`` are the kinds of machine that it holds for.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    remedy: str
    source: str
    find: RuleFunction
    machines: frozenset[MachineKind]

    def problems(self, subject: Subject) -> list[Problem]:
        """Return what the rule finds, as problems."""
        kind = subject.spec.kind
        return [self._problem(finding, kind) for finding in self.find(subject)]

    def _problem(self, found: Finding, kind: MachineKind) -> Problem:
        severity = found.severity or self.severity
        words = self.why, self.remedy, self.source
        return Problem(self.id, severity, found.title, found.where, *words, kind)


RULES: dict[str, Rule] = {}
"""All rules by id, in the order of their modules."""


def rules_for(kind: MachineKind) -> list[Rule]:
    """Return the rules that hold for a kind of machine."""
    return [one for one in RULES.values() if kind in one.machines]


def rule(
    rule_id: str,
    severity: Severity,
    summary: str,
    *,
    why: str,
    remedy: str,
    source: str,
    machines: frozenset[MachineKind] = ALL_MACHINES,
) -> Callable[[RuleFunction], RuleFunction]:
    """Enter a function as a rule. ValueError if the id is taken."""

    def enter(find: RuleFunction) -> RuleFunction:
        if rule_id in RULES:
            raise ValueError(f"there is a rule {rule_id!r} already")
        RULES[rule_id] = Rule(rule_id, severity, summary, why, remedy, source, find, machines)
        return find

    return enter
