"""The table of rules: a rule is a function with its words, entered by a decorator.

Modules of the package ``rules`` are found and imported by name, so a new one needs no entry in any
list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.problem import Finding, Problem, Severity

if TYPE_CHECKING:
    from mtrrviz.analysis.checks.subject import Subject

RuleFunction = Callable[["Subject"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a stable id, the usual severity, what it looks for, why, remedy, source."""

    id: str
    severity: Severity
    summary: str
    why: str
    remedy: str
    source: str
    find: RuleFunction

    def problems(self, subject: Subject) -> list[Problem]:
        """Return what the rule finds, as problems."""
        return [self._problem(finding) for finding in self.find(subject)]

    def _problem(self, found: Finding) -> Problem:
        severity = found.severity or self.severity
        return Problem(
            self.id, severity, found.title, found.where, self.why, self.remedy, self.source
        )


RULES: dict[str, Rule] = {}
"""All rules by id, in the order of their modules."""


def rule(
    rule_id: str, severity: Severity, summary: str, *, why: str, remedy: str, source: str
) -> Callable[[RuleFunction], RuleFunction]:
    """Enter a function as a rule. ValueError if the id is taken."""

    def enter(find: RuleFunction) -> RuleFunction:
        if rule_id in RULES:
            raise ValueError(f"there is a rule {rule_id!r} already")
        RULES[rule_id] = Rule(rule_id, severity, summary, why, remedy, source, find)
        return find

    return enter
