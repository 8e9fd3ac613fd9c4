"""Problems as SARIF 2.1.0, the format code scanners exchange results in (OASIS standard)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mtrrviz import __version__
from mtrrviz.analysis.checks.check_output import problem_json, register_name, where_words
from mtrrviz.analysis.checks.rule_registry import RULES, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.checks.problem import Problem

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_log(problems: Sequence[Problem], file: str) -> dict[str, Any]:
    """Return a SARIF log with one run; ``file`` is the path or name that was checked."""
    driver = {
        "name": "mtrrviz",
        "version": __version__,
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    results = [_result(problem, quote(file)) for problem in problems]
    runs = [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.remedy} Source: {rule.source}."},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(problem: Problem, uri: str) -> dict[str, Any]:
    return {
        "ruleId": problem.rule,
        "ruleIndex": list(RULES).index(problem.rule),
        "level": problem.severity.value,
        "message": {"text": f"{problem.title}. {problem.remedy}"},
        "locations": [_location(problem, uri)],
        "properties": problem_json(problem),
    }


def _location(problem: Problem, uri: str) -> dict[str, Any]:
    """Return file and line, and the registers as logical places within it."""
    where = problem.where
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(where.file) if where.file else uri}
    }
    if where.line:
        physical["region"] = {"startLine": where.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    names = [
        {"fullyQualifiedName": f"vcpu{vcpu}.{register_name(msr)}", "kind": "variable"}
        for vcpu in problem.where.vcpus[:1]
        for msr in problem.where.msrs
    ]
    if names:
        location["logicalLocations"] = names
    if words := where_words(problem):
        location["message"] = {"text": words}
    return location
