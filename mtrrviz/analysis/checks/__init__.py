"""Check: what is wrong with a machine's memory types, where, why, and how to fix it."""

from __future__ import annotations

from mtrrviz.analysis.checks.checking import check, is_bad
from mtrrviz.analysis.checks.problem import Problem, Severity, Where
from mtrrviz.analysis.checks.rule_registry import RULES, Rule

__all__ = ["RULES", "Problem", "Rule", "Severity", "Where", "check", "is_bad"]
